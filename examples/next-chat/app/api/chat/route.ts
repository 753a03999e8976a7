// A question goes to the agent, the answer to the page as it comes. The key is in TWIG_API_KEY, and stays here.

import { TwigRateLimitError } from '@twig/sdk';
import { twig, twigErrorOf } from '@twig/sdk/ai-sdk';
import {
  convertToModelMessages,
  createUIMessageStreamResponse,
  streamText,
  toUIMessageStream,
  type UIMessage,
} from 'ai';

/** What a visitor is told: nothing of the server's. */
function explain(error: unknown): string {
  return twigErrorOf(error) instanceof TwigRateLimitError
    ? 'Many people are asking right now. Please try again in a moment.'
    : 'The answer broke off before its end.';
}

// In an application of yours, look first who asks.
export async function POST(request: Request): Promise<Response> {
  const { messages } = (await request.json()) as { messages: UIMessage[] };
  const result = streamText({
    model: twig('agent_abc123'),
    // An earlier answer carries the session, so the conversation goes on.
    messages: await convertToModelMessages(messages),
    // The page may go, or stop the answer.
    abortSignal: request.signal,
  });
  const stream = toUIMessageStream({ stream: result.stream, sendSources: true, onError: explain });
  return createUIMessageStreamResponse({ stream });
}
