/** Which fault meets which call: the next one, the n-th one, or some by chance. */

import { type OperationId, operationIds } from '../operations.ts';
import { drawsFor } from './chance.ts';
import { checked, type Fault, needsStream } from './faults.ts';

/** What a fault is armed for: an operation, or `'*'` for all of them. */
export type FaultTarget = OperationId | '*';

/** `twig.faults` */
export interface MockFaults {
  /** Arms a fault for the next call. Armed twice, the first meets the next call and the second the one after it. */
  next(operation: FaultTarget, fault: Fault): void;
  /** Arms a fault for the `n`-th call from now on, counted from 1. */
  nth(operation: FaultTarget, n: number, fault: Fault): void;
  /**
   * Arms a fault for every call with a probability from 0 to 1, until `clear()`. The same seed (by default the mock's)
   * strikes the same calls.
   */
  random(operation: FaultTarget, probability: number, fault: Fault, seed?: number): void;
  /** Disarms everything. */
  clear(): void;
}

interface Armed {
  operation: FaultTarget;
  fault: Fault;
  /** Counts a call that the fault could meet, and tells whether it does. */
  strikes(): boolean;
  once: boolean;
}

/** The plan, and the way for the mock to ask it. */
export interface FaultPlan extends MockFaults {
  /** The fault for this call, if there is one. */
  take(operation: string | undefined, isStream: boolean): Fault | undefined;
}

/** A plan without faults. */
export function createFaultPlan(mockSeed: number): FaultPlan {
  const plan: Armed[] = [];
  const arm = (armed: Armed): void => {
    const { operation } = armed;
    if (operation !== '*' && !operationIds().includes(operation)) {
      throw new RangeError(`There is no operation "${operation}". Known: *, ${operationIds().join(', ')}.`);
    }
    plan.push(armed);
  };
  const nth = (operation: FaultTarget, n: number, fault: Fault): void => {
    let left = checked('n', n, Number.isInteger(n) && n >= 1, 'an integer ≥ 1');
    arm({ operation, fault, once: true, strikes: () => --left <= 0 });
  };
  return {
    nth,
    next: (operation, fault) => nth(operation, 1, fault),
    random(operation, probability, fault, seed = mockSeed) {
      checked('probability', probability, probability >= 0 && probability <= 1, 'from 0 to 1');
      const draw = drawsFor(seed, `faults:${operation}`);
      arm({ operation, fault, once: false, strikes: () => draw() < probability });
    },
    clear: () => void plan.splice(0),
    take(operation, isStream) {
      const met = plan.filter(
        (armed) =>
          (armed.operation === '*' || armed.operation === operation) && (isStream || !needsStream(armed.fault)),
      );
      // All of them count the call, although only one can have it.
      const striking = met.filter((armed) => armed.strikes())[0];
      if (striking?.once) plan.splice(plan.indexOf(striking), 1);
      return striking?.fault;
    },
  };
}
