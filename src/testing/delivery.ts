/** Webhook deliveries as the platform sends them: the documented body, signed. */

import { createCasing, toSnake } from '../core/casing.ts';
import type { Clock } from '../core/clock.ts';
import type { PlatformRequest } from '../core/platform.ts';

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
    const encode = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const key = await crypto.subtle.importKey('raw', encode(secret), algorithm, false, ['sign']);
    const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, encode(body)));
    const signature = `sha256=${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    const headers = { 'content-type': 'application/json', 'x-twig-signature': signature };
    return new Request(url, { method: 'POST', headers, body });
  };
}
