// What the parts of a message hold.

import { isTextUIPart, type UIMessage } from 'ai';

export const textOf = ({ parts }: UIMessage): string =>
  parts
    .filter(isTextUIPart)
    .map(({ text }) => text)
    .join('');

/** What the agent tells of an answer or a source, as it was sent; the page looks before it uses it. */
export const twigOf = (part: { providerMetadata?: Record<string, unknown> | undefined }): Record<string, unknown> => {
  const twig = part.providerMetadata?.twig;
  return typeof twig === 'object' && twig !== null ? { ...twig } : {};
};

/** The id by which an answer is rated, once it is whole. */
export function interactionOf({ parts }: UIMessage): string | undefined {
  const id = parts
    .filter(isTextUIPart)
    .map((part) => twigOf(part).interactionId)
    .at(-1);
  return typeof id === 'string' ? id : undefined;
}
