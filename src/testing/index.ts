/** `@twig/sdk/testing`: a mock of the whole Twig API for tests, in Node and in the browser. */

export type { Clock } from '../clock.ts';
export type { OperationId, RateLimitScope } from '../operations.ts';
export { createTestClock, type TestClock } from './clock.ts';
export type {
  MockAgent,
  MockArticle,
  MockData,
  MockDataSource,
  MockInteraction,
  MockPassage,
  MockSeed,
  MockUser,
} from './data.ts';
export type { DeliveryOptions } from './delivery.ts';
export type { FaultTarget, MockFaults } from './fault-plan.ts';
export { type Fault, type FaultMakers, faults, type StatusFault, type StatusFaultOptions } from './faults.ts';
export type { PlatformFetch } from './fetch.ts';
export type { MockRateLimit, MockRateLimits } from './limits.ts';
export { createTwigMock, type TwigMock, type TwigMockOptions } from './mock.ts';
export type { MockRequest } from './mock-request.ts';
