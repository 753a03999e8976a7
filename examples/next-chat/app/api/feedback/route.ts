// What a visitor thinks of an answer.

import { TwigClient, TwigError } from '@twig/sdk';

const client = new TwigClient();

// In an application of yours, look first whose answer it was.
export async function POST(request: Request): Promise<Response> {
  const { interactionId, feedback } = (await request.json()) as { interactionId: string; feedback: string };
  if (feedback !== 'positive' && feedback !== 'negative') return new Response(null, { status: 400 });
  try {
    await client.interactions.submitFeedback(interactionId, { feedback });
    return new Response(null, { status: 204 });
  } catch (error) {
    console.error(error);
    return new Response(null, { status: error instanceof TwigError ? 502 : 500 });
  }
}
