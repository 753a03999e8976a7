import { createWebhookHandler } from '@twig/sdk/webhooks';

export const runtime = 'edge';
export const POST = createWebhookHandler({ fallback: () => {} });
