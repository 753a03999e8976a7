/** `rate_answer`: a verdict on an answer. */

import type { Feedback } from '../resources/interactions.ts';
import type { ToolSettings } from './options.ts';
import { boolean, enumOf, id, named, object, optional, text, toolSchema } from './schema.ts';
import type { Tool } from './tool.ts';

interface Args {
  interactionId: string;
  feedback: Feedback;
  comment?: string | undefined;
}

/** Makes the tool. */
export function rateAnswer({ client }: ToolSettings): Tool<Args> {
  return {
    name: 'rate_answer',
    scope: 'execute',
    title: 'Rate an answer',
    description: "Stores the user's verdict on an answer of ask_agent.",
    inputSchema: toolSchema<Args>(
      object({
        interactionId: named(id(), 'Of the answer'),
        feedback: enumOf(['positive', 'negative']),
        comment: optional(text(4000)),
      }),
    ),
    outputSchema: toolSchema(object({ ok: boolean() })),
    // A later verdict takes the place of an earlier one.
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run({ interactionId, ...verdict }, { signal }) {
      await client.interactions.submitFeedback(interactionId, verdict, { signal });
      return { text: `Stored: ${verdict.feedback}.`, data: { ok: true } };
    },
  };
}
