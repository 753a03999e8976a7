// NestJS: create the app with `NestFactory.create(AppModule, { rawBody: true })`, so that the raw body is kept.

import { BadRequestException, Controller, HttpCode, Post, type RawBodyRequest, Req } from '@nestjs/common';
import { TwigWebhookVerificationError, Webhooks } from '@twig/sdk/webhooks';
import type { Request } from 'express';

const webhooks = new Webhooks(); // the secret is in TWIG_WEBHOOK_SECRET

@Controller('webhooks/twig')
export class TwigWebhookController {
  @Post()
  @HttpCode(200)
  async receive(@Req() request: RawBodyRequest<Request>): Promise<void> {
    try {
      const event = await webhooks.unwrap(request.rawBody ?? '', request.headers);
      console.log(event.event);
    } catch (error) {
      if (error instanceof TwigWebhookVerificationError) throw new BadRequestException();
      throw error;
    }
  }
}
