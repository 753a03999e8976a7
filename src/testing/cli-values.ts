/** The values of the command's options, read from text. What cannot be read is told with what would be right. */

import { TwigConfigError } from '../errors.ts';
import { operationIds } from '../operations.ts';
import type { FaultTarget, MockFaults } from './fault-plan.ts';
import { type Fault, faults } from './faults.ts';
import type { MockRateLimits } from './limits.ts';

/** A number of an option, within a range. */
export function readNumber(option: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most)) throw new TwigConfigError(`${option} takes a whole number from 0 to ${most}, not "${text}".`);
  return value;
}

/** `off`, or `scope=perMinute[/burst]`, separated by commas. */
export function readRateLimits(text: string): MockRateLimits | false {
  if (text === 'off') return false;
  return Object.fromEntries(
    text.split(',').map((part) => {
      const [, scope = '', perMinute, burst = perMinute] =
        /^(execute|write|read|admin)=([1-9]\d*)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
      if (!scope) {
        throw new TwigConfigError(
          `--rate-limits takes "off", or limits such as "write=10/15,read=200" (scope=per minute/burst; the scopes are execute, write, read, admin), not "${text}".`,
        );
      }
      return [scope, { perMinute: Number(perMinute), burst: Number(burst) }];
    }),
  );
}

/** The faults by name; the numbers behind the name are theirs. */
const makers: Record<string, (first?: number, second?: number) => Fault> = {
  status: (status = 500, retryAfter) => faults.status(status, retryAfter === undefined ? {} : { retryAfter }),
  rateLimit: (retryAfter = 1) => faults.rateLimit({ retryAfter }),
  timeout: () => faults.timeout(),
  disconnect: (afterBytes) => faults.disconnect(afterBytes === undefined ? {} : { afterBytes }),
  truncateStream: (afterEvents = 1) => faults.truncateStream({ afterEvents }),
  malformedEvent: (afterEvents = 1) => faults.malformedEvent({ afterEvents }),
  errorEvent: (afterEvents = 1) => faults.errorEvent({ afterEvents }),
  slowStream: (delayMs = 1000) => faults.slowStream({ delayMs }),
  htmlError: (status = 502) => faults.htmlError({ status }),
};

/** Arms `operation=fault[:number[:number]][@when]`; `when` is the n-th call (`@3`) or a share of the calls (`@10%`). */
export function armFault(plan: MockFaults, text: string): void {
  const [, target = '', name = '', numbers = '', when = '1'] =
    /^([\w.*]+)=([a-zA-Z]+)((?::\d+){0,2})(?:@(\d+%?))?$/.exec(text) ?? [];
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  // Checked here, because the plan's own words are for programs.
  const isKnown = target === '*' || operationIds().some((id) => id === target);
  if (!make || !isKnown || (when.endsWith('%') ? Number.parseInt(when, 10) > 100 : Number(when) < 1)) {
    throw new TwigConfigError(
      `--fault takes OPERATION=FAULT[:NUMBER][@WHEN] such as "query=status:503" or "*=disconnect@10%", not "${text}".\n` +
        `Operations: *, ${operationIds().join(', ')}\nFaults: ${Object.keys(makers).join(', ')}`,
    );
  }
  const fault = make(...numbers.split(':').slice(1).map(Number));
  // Known by the check above.
  const operation = target as FaultTarget;
  if (when.endsWith('%')) plan.random(operation, Number.parseInt(when, 10) / 100, fault);
  else plan.nth(operation, Number(when), fault);
}
