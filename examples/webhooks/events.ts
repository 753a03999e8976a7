// What all the servers of this folder do with an event. Yours would do more.

import { createWebhookHandler, memoryDedupe, type WebhookHandler } from '@twig/sdk/webhooks';

/** Handles deliveries, and tells `seen` what it handled. */
export const createHandler = (secret: string, seen: (text: string) => void): WebhookHandler =>
  createWebhookHandler({
    secret,
    dedupe: memoryDedupe(),
    on: {
      'interaction.completed': (event) => seen(`answered ${event.data.interactionId}`),
      'data_source.synced': (event) => seen(`synced ${event.data.dataSourceId}`),
    },
    fallback: (event) => seen(`something else: ${event.event}`),
    onError: (error) => console.error(error),
  });
