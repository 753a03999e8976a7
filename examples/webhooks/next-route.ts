// Next.js: app/webhooks/twig/route.ts. The secret is in TWIG_WEBHOOK_SECRET.

import { createHandler } from './events.ts';

export const POST = createHandler(process.env.TWIG_WEBHOOK_SECRET ?? '', console.log);
