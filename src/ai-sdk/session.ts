/** Which conversation a call goes on with. */

import type { TwigModelSettings, TwigPromptMessage } from './types.ts';

/** The `twig` member of a part's or a call's options, as far as it is an object. */
export function twigOptions(options: unknown): Readonly<Record<string, unknown>> {
  const twig = (options as { twig?: unknown } | null | undefined)?.twig;
  // Options come from the caller, those of messages from the page: whatever they hold is looked at as unknown.
  return typeof twig === 'object' && twig !== null ? (twig as Record<string, unknown>) : {};
}

/**
 * The session that the newest answer of this agent carries. Only assistants' parts are asked, and of those only the two
 * members that count: messages come from the page.
 */
function sessionOfMessages(messages: readonly TwigPromptMessage[], agentId: string): string | undefined {
  for (const { role, content } of [...messages].reverse()) {
    if (role !== 'assistant' || !Array.isArray(content)) continue;
    for (const part of [...content].reverse()) {
      const { sessionId, agentId: asked = agentId } = twigOptions(part?.providerOptions);
      if (typeof sessionId === 'string' && sessionId !== '' && asked === agentId) return sessionId;
    }
  }
  return undefined;
}

/** The first session that is named: by the call, the model's settings, the messages. `null` names none on purpose. */
export function resolveSession(
  call: { prompt: readonly TwigPromptMessage[]; providerOptions?: unknown },
  model: { agentId: string; settings: TwigModelSettings; fromMessages: boolean },
): unknown {
  const named = [twigOptions(call.providerOptions).sessionId, model.settings.sessionId].find((id) => id !== undefined);
  if (named !== undefined) return named;
  return model.fromMessages ? sessionOfMessages(call.prompt, model.agentId) : undefined;
}
