import { TwigClient } from '@twig/sdk';

export const client = new TwigClient();
