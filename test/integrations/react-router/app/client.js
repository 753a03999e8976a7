import { TwigClient } from '@twig/sdk';

// In module scope, as users have it: no key and no server is known when this is built.
export const client = new TwigClient();
