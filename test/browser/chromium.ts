/** Debian's Chromium, driven by playwright-core. */

import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where it may be. */
export const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Where it is, if it is. */
export const chromiumPath = PLACES.find((place) => existsSync(place));

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** A browser with a fresh profile, and with more flags if need be. */
export function launch(...flags: string[]): Promise<Browser> {
  if (!chromiumPath) throw new Error('There is no Chromium here.');
  return chromium.launch({ executablePath: chromiumPath, args: [...FLAGS.split(' '), ...flags] });
}
