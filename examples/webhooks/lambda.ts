// AWS Lambda behind API Gateway or a function URL: the body may come in base64.

import { TwigWebhookVerificationError, Webhooks } from '@twig/sdk/webhooks';

/** The part of the event that is read. */
export interface LambdaEvent {
  body?: string | null;
  isBase64Encoded?: boolean;
  headers: Record<string, string | undefined>;
}

export const createLambda = (secret: string, seen: (text: string) => void) => {
  const webhooks = new Webhooks({ secret });
  return async ({ body, isBase64Encoded, headers }: LambdaEvent): Promise<{ statusCode: number }> => {
    try {
      const event = await webhooks.unwrap(Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'), headers);
      if (event.event === 'interaction.completed') seen(`answered ${event.data.interactionId}`);
      return { statusCode: 200 };
    } catch (error) {
      if (error instanceof TwigWebhookVerificationError) return { statusCode: 400 };
      throw error;
    }
  };
};
