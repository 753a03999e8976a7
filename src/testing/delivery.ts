/** Webhook deliveries as the platform sends them: the documented body, signed. */

import type { Clock } from '../clock.ts';
import { createCasing, toSnake } from '../params/casing.ts';
import type { PlatformRequest } from '../platform.ts';
import { Webhooks } from '../webhooks/index.ts';

/** How a delivery is made. */
export interface DeliveryOptions {
  /** The endpoint's secret. */
  secret: string;
  /** Where it is posted to; by default `https://app.example.com/webhooks/twig`. */
  url?: string | undefined;
}

/** Makes the function that makes deliveries. */
export function createDelivery(
  clock: Clock,
): (event: string, data: Record<string, unknown>, options: DeliveryOptions) => Promise<PlatformRequest> {
  return async (event, data, { secret, url = 'https://app.example.com/webhooks/twig' }) => {
    const timestamp = new Date(clock.now()).toISOString();
    const body = JSON.stringify({ event, timestamp, data: createCasing(toSnake)(data) });
    const signature = await new Webhooks({ secret }).sign(body);
    const headers = { 'content-type': 'application/json', 'x-twig-signature': signature };
    return new Request(url, { method: 'POST', headers, body });
  };
}
