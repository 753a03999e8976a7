// A chat page without a key: it asks through the proxy of its own origin, and shows each word as it comes.

import { TwigAbortError, TwigClient } from '@twig/sdk';
import { explain } from './explain.ts';
import { addAnswer, addQuestion, announce, find } from './view.ts';

// The client behind the proxy has retried already.
const client = new TwigClient({ apiKey: null, baseUrl: '/api/twig', maxRetries: 0 });
const agentId = 'agent_abc123';

const composer = find(document, '#composer', HTMLFormElement);
const input = find(document, '#question', HTMLTextAreaElement);
const button = find(document, '#send', HTMLButtonElement);

let sessionId: string | undefined;
let answering: AbortController | undefined;

/** One button sends and stops, so that the focus never falls off the page. */
function setAnswering(stop?: AbortController): void {
  answering = stop;
  button.classList.toggle('busy', !!stop);
  button.ariaLabel = stop ? 'Stop' : 'Send';
}

async function answer(query: string): Promise<void> {
  const stop = new AbortController();
  const view = addAnswer();
  let hasBegun = false;
  setAnswering(stop);
  announce('The answer is on its way.');
  try {
    const stream = await client.query({ agentId, query, sessionId, stream: true }, { signal: stop.signal });
    for await (const event of stream) {
      if (event.type === 'delta') {
        hasBegun = true;
        view.append(event.text);
      }
      if (event.type !== 'done') continue;
      const { response, sources, metadata } = event.response;
      sessionId = event.response.sessionId;
      view.finish(event.response, (feedback) =>
        client.interactions.submitFeedback(metadata.interactionId, { feedback }),
      );
      announce(`${response} Sources: ${sources.length}.`);
    }
  } catch (error) {
    const isStopped = error instanceof TwigAbortError;
    const why = isStopped ? 'Stopped.' : explain(error, hasBegun);
    view.end(why, !isStopped, () => {
      input.focus();
      void answer(query);
    });
    announce(why);
  } finally {
    setAnswering();
  }
}

function ask(text: string): void {
  const query = text.trim();
  if (!query || answering) return;
  find(document, '#welcome', HTMLElement).hidden = true;
  input.value = '';
  input.focus();
  addQuestion(query);
  void answer(query);
}

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  if (answering) answering.abort();
  else ask(input.value);
});
input.addEventListener('keydown', (event) => {
  // An Enter that ends a composition (Chinese, Japanese, Korean) is part of the writing.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  ask(input.value);
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') answering?.abort();
});
for (const suggestion of document.querySelectorAll<HTMLButtonElement>('#welcome button')) {
  suggestion.addEventListener('click', () => ask(suggestion.textContent));
}
input.focus();
