import { createWebhookHandler } from '@twig/sdk/webhooks';

export const POST = createWebhookHandler({ fallback: () => {} });
