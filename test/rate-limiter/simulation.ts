/** A server with token buckets of its own, and callers that go through a limiter to it, in virtual time. */

import type { LimiterLease, LimiterObservation, Priority, RateLimiter, RateLimitScope } from '@twig/sdk/rate-limiter';

/** An event loop in virtual time: jumps from one sleeper to the next, with nothing but microtasks between. */
export class VirtualClock {
  private _now: number;
  private _random: () => number;
  private _heap: { at: number; order: number; wake: () => void; isOff: boolean }[] = [];
  private _order = 0;

  constructor(now = 1_705_314_600_000, random: () => number = () => 0.5) {
    this._now = now;
    this._random = random;
  }
  now = (): number => this._now;
  random = (): number => this._random();
  /** Sleepers that wait. */
  get pending(): number {
    return this._heap.filter(({ isOff }) => !isOff).length;
  }
  sleep = (
    ms: number,
    signal?: { aborted: boolean; reason?: unknown; addEventListener(type: 'abort', run: () => void): void },
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper = { at: this._now + ms, order: this._order++, wake: resolve, isOff: false };
      this._push(sleeper);
      signal?.addEventListener('abort', () => {
        sleeper.isOff = true;
        reject(signal.reason);
      });
    });
  /** Runs until nothing waits any more, or until `until`. */
  async run(until = Number.POSITIVE_INFINITY): Promise<void> {
    for (;;) {
      for (let i = 0; i < 12; i++) await Promise.resolve();
      const next = this._heap[0];
      if (!next || next.at > until) break;
      this._pop();
      if (next.isOff) continue;
      this._now = Math.max(this._now, next.at);
      next.wake();
    }
    if (Number.isFinite(until)) this._now = Math.max(this._now, until);
  }
  private _before(a: number, b: number): boolean {
    const [x, y] = [this._heap[a], this._heap[b]];
    if (!x || !y) return false;
    return x.at < y.at || (x.at === y.at && x.order < y.order);
  }
  private _swap(a: number, b: number): void {
    const [x, y] = [this._heap[a], this._heap[b]];
    if (x && y) {
      this._heap[a] = y;
      this._heap[b] = x;
    }
  }
  private _push(sleeper: (typeof this._heap)[number]): void {
    let i = this._heap.push(sleeper) - 1;
    while (i > 0 && this._before(i, (i - 1) >> 1)) {
      this._swap(i, (i - 1) >> 1);
      i = (i - 1) >> 1;
    }
  }
  private _pop(): void {
    const last = this._heap.pop();
    if (!last || !this._heap.length) return;
    this._heap[0] = last;
    for (let i = 0; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) if (this._before(child, least)) least = child;
      if (least === i) return;
      this._swap(i, least);
      i = least;
    }
  }
}

/** What a simulated server is like. */
export interface ServerOptions {
  clock: VirtualClock;
  perMinute: number;
  burst: number;
  /** Filled up at once every so often, instead of bit by bit. */
  windowMs?: number | undefined;
  /** What its reset names: the next token once nothing is left, or always the moment at which its bucket is full. */
  reset?: 'next token' | 'full bucket' | undefined;
  /** How far its clock is ahead, in milliseconds. */
  skewMs?: number;
  /** The limit that its header names. Default: the real one. */
  told?: number | undefined;
  /** The way to the server; drawn anew for each request. */
  wayMs?: () => number;
  /** From there to the answer's headers. Default: as the way. */
  answerMs?: () => number;
}

/** A server that counts what it allowed and what it refused. */
export class SimulatedServer {
  allowed = 0;
  refused = 0;
  firstAt: number | undefined;
  lastAt = 0;
  private readonly _options: ServerOptions;
  private _tokens: number;
  private _at: number;

  constructor(options: ServerOptions) {
    this._options = options;
    this._tokens = options.burst;
    this._at = options.clock.now();
  }

  /** Takes a token if there is one. */
  hit(): LimiterObservation {
    const {
      clock,
      perMinute,
      burst,
      windowMs,
      reset: names = 'next token',
      skewMs = 0,
      told = perMinute,
    } = this._options;
    const now = clock.now();
    const msPerToken = 60_000 / perMinute;
    if (!windowMs) this._tokens = Math.min(burst, this._tokens + (now - this._at) / msPerToken);
    else if (Math.floor(now / windowMs) > Math.floor(this._at / windowMs)) this._tokens = burst;
    this._at = now;
    const isAllowed = this._tokens >= 1 - 1e-9;
    if (isAllowed) this._tokens--;
    const lacking = (this._tokens >= 1 || names === 'full bucket' ? burst : 1) - this._tokens;
    const reset = windowMs ? windowMs - (now % windowMs) : lacking * msPerToken;
    return {
      status: isAllowed ? 200 : 429,
      rateLimit: {
        limit: told,
        remaining: Math.max(0, Math.floor(this._tokens + 1e-9)),
        resetAt: new Date(Math.ceil((now + skewMs + reset) / 1000) * 1000),
      },
      retryAfterMs: undefined,
      serverTimeMs: Math.floor((now + skewMs) / 1000) * 1000,
    };
  }

  /** A request through the network and back. */
  async request(lease: LimiterLease): Promise<LimiterObservation> {
    const { clock, wayMs = () => 40, answerMs = wayMs } = this._options;
    await clock.sleep(wayMs());
    const observation = this.hit();
    this.firstAt ??= clock.now();
    this.lastAt = clock.now();
    if (observation.status === 200) this.allowed++;
    else this.refused++;
    await clock.sleep(answerMs());
    lease.observe(observation);
    lease.release();
    return observation;
  }

  /** How much of what could have been allowed until the last request was allowed. */
  use(others = 0): number {
    const { perMinute, burst } = this._options;
    return (this.allowed + others) / (burst + ((this.lastAt - (this.firstAt ?? 0)) * perMinute) / 60_000);
  }
}

/** A call that is made again after a 429, as the client does. */
export async function call(
  limiter: RateLimiter,
  server: SimulatedServer,
  scope: RateLimitScope = 'execute',
  priority: Priority = 'normal',
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const lease = await limiter.acquire(scope, { priority });
    if ((await server.request(lease)).status === 200) return attempt;
  }
}
