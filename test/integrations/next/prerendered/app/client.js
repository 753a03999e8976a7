import { TwigClient } from '@twig/sdk';

export const client = new TwigClient();

/** A second one, whose answers Next keeps with the page. */
export const cached = new TwigClient({ fetchOptions: { cache: 'force-cache' } });
