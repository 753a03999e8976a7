// What is on the page. Texts go in with textContent, so that no answer can bring markup of its own.

import type { QueryResponse, Source } from '@twig/sdk';

export type Feedback = 'positive' | 'negative';

/** The element of a kind that is known to be there. */
export function find<T extends Element>(root: ParentNode, selector: string, kind: new () => T): T {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`There is no ${selector} here.`);
  return found;
}

function clone(id: string): HTMLLIElement {
  const { content } = find(document, `#${id}-template`, HTMLTemplateElement);
  return find(document.importNode(content, true), 'li', HTMLLIElement);
}

const conversation = find(document, '#conversation', HTMLOListElement);
const status = find(document, '#status', HTMLElement);

/** Tells those who hear the page. The words of an answer are told once, when it is whole. */
export const announce = (text: string): void => {
  status.textContent = text;
};

/** Adds to the page, which stays at its end if it was there. */
function stayAtEnd(change: () => void): void {
  const { scrollHeight } = document.documentElement;
  const isAtEnd = scrollY + innerHeight > scrollHeight - 80;
  change();
  if (isAtEnd) scrollTo({ top: document.documentElement.scrollHeight });
}

export function addQuestion(text: string): void {
  const item = clone('question');
  find(item, '.text', HTMLElement).textContent = text;
  conversation.append(item);
  scrollTo({ top: document.documentElement.scrollHeight });
}

function sourceItem({ documentTitle, documentUrl, similarityScore, chunkText }: Source): HTMLLIElement {
  const item = clone('source');
  find(item, '.title', HTMLElement).textContent = documentTitle ?? 'Untitled';
  const score = find(item, '.score', HTMLElement);
  if (typeof similarityScore === 'number') {
    score.style.setProperty('--score', String(similarityScore));
    find(score, '.percent', HTMLElement).textContent = `${Math.round(similarityScore * 100)} %`;
  } else score.remove();
  find(item, 'blockquote', HTMLElement).textContent = chunkText ?? '';
  const link = find(item, 'a', HTMLAnchorElement);
  // A source's address is data: only a web page is linked, never `javascript:`.
  if (documentUrl && /^https?:/i.test(documentUrl)) link.href = documentUrl;
  else link.remove();
  return item;
}

/** An answer on the page. */
export interface AnswerView {
  append(text: string): void;
  /** The whole answer has come. */
  finish(answer: QueryResponse, submit: (feedback: Feedback) => Promise<unknown>): void;
  /** It will not come, or no further; `retry` asks again. */
  end(why: string, isFault: boolean, retry: () => void): void;
}

export function addAnswer(): AnswerView {
  const item = clone('answer');
  const text = find(item, '.text', HTMLElement);
  item.classList.add('busy');
  stayAtEnd(() => conversation.append(item));

  return {
    append: (more) => stayAtEnd(() => text.append(more)),

    finish({ sources, metadata }, submit) {
      item.classList.remove('busy');
      stayAtEnd(() => {
        const list = find(item, '.sources', HTMLElement);
        find(list, 'ol', HTMLElement).append(...sources.map(sourceItem));
        list.hidden = sources.length === 0;
        const feedback = find(item, '.feedback', HTMLElement);
        feedback.hidden = !metadata.interactionId;
        offerFeedback(feedback, submit);
      });
    },

    end(why, isFault, retry) {
      item.classList.remove('busy');
      stayAtEnd(() => {
        const fault = find(item, '.fault', HTMLElement);
        fault.hidden = false;
        fault.classList.toggle('mild', !isFault);
        find(fault, 'p', HTMLElement).textContent = why;
        find(fault, 'button', HTMLButtonElement).onclick = () => {
          item.remove();
          retry();
        };
      });
    },
  };
}

function offerFeedback(group: HTMLElement, submit: (feedback: Feedback) => Promise<unknown>): void {
  const buttons = [...group.querySelectorAll('button')];
  const note = find(group, 'p', HTMLElement);
  const press = (pressed?: HTMLButtonElement): void => {
    for (const button of buttons) button.ariaPressed = String(button === pressed);
  };
  const tell = (text: string): void => {
    note.textContent = text;
    announce(text);
  };
  for (const button of buttons) {
    button.onclick = async () => {
      press(button);
      try {
        await submit(button.dataset.feedback === 'positive' ? 'positive' : 'negative');
        tell('Thank you.');
      } catch {
        press();
        tell('That could not be stored. Please try again.');
      }
    };
  }
}
