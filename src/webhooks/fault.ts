/** Why a delivery is not trusted. */

import { TwigWebhookVerificationError, type WebhookErrorCode } from '../errors.ts';

/** The error of that code. */
export const fault = (code: WebhookErrorCode, message: string): TwigWebhookVerificationError =>
  new TwigWebhookVerificationError(message, { code });
