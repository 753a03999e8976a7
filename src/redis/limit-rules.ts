/** The rules of `limit-script.ts` once more, for a bucket in the memory of one process: a test holds the two equal. */

import type { StoreAsk, StoreReply } from '../rate-limiter/store.ts';

/** How long a process is remembered that says nothing, and how long an answer that surprised caps the count. */
const MINUTE_MS = 60_000;
/** How often those under way are counted anew. */
const SWEEP_MS = 1000;

/** What one process last said of itself. */
interface Member {
  seenAt: number;
  flying: number;
}

/** One bucket. */
interface Bucket {
  tokens: number;
  countedAt: number;
  limit: number;
  pausedUntil: number;
  isCold: boolean;
  cappedUntil: number;
  nextAsk: number;
  refusedAt: number;
  /** The sum of what is under way, kept between two countings. */
  open: number;
  sweptAt: number;
  expiresAt: number;
  members: Map<string, Member>;
}

const newBucket = (perMinute: number): Bucket => ({
  tokens: 0,
  countedAt: 0,
  limit: perMinute,
  pausedUntil: 0,
  isCold: true,
  cappedUntil: 0,
  nextAsk: 0,
  refusedAt: -Infinity,
  open: 0,
  sweptAt: 0,
  expiresAt: 0,
  members: new Map(),
});

/** As the script stores its numbers. */
const stored = (value: number, digits = 3): number => Number(value.toFixed(digits));

/** How much the others have under way, and how many processes there are. */
function countMembers(bucket: Bucket, me: string, now: number, isNew: boolean): { othersOpen: number; count: number } {
  const { members } = bucket;
  const mine = members.get(me);
  if (!isNew && Math.abs(now - bucket.sweptAt) < SWEEP_MS) {
    return { othersOpen: Math.max(0, bucket.open - (mine?.flying ?? 0)), count: members.size + (mine ? 0 : 1) };
  }
  bucket.sweptAt = now;
  let othersOpen = 0;
  let count = 1;
  for (const [id, { seenAt, flying }] of members) {
    if (now - seenAt > MINUTE_MS) members.delete(id);
    else if (id !== me) {
      othersOpen += flying;
      count++;
    }
  }
  return { othersOpen, count };
}

/** The buckets by name. */
export type Buckets = Map<string, Bucket>;

/** One exchange at `now`, in milliseconds. */
export function exchange(buckets: Buckets, ask: StoreAsk, now: number): StoreReply {
  const { limit: configured, want, aheadMs, flying, back, answered, news, process: me = '' } = ask;
  const { perMinute, burst } = configured;
  const known = buckets.get(ask.scope);
  const isNew = !known || known.expiresAt <= now;
  const bucket = isNew ? newBucket(perMinute) : known;
  buckets.set(ask.scope, bucket);
  const { remaining = -1, ageMs = 0, pauseMs = 0, status = 0, limit = 0 } = news ?? {};
  if (limit > 0) bucket.limit = limit;

  const msPerToken = 60_000 / Math.min(perMinute, bucket.limit);
  const size = Math.max(1, burst - 1 - Math.min(burst / 10, 250 / msPerToken));
  const filled = isNew ? 2 + burst / 4 : bucket.tokens + Math.max(0, now - bucket.countedAt) / msPerToken;
  let tokens = Math.min(size, Math.min(size, filled) + back);

  const { othersOpen, count } = countMembers(bucket, me, now, isNew);
  const open = isNew ? flying * ask.others : flying + othersOpen;

  if (status === 429) {
    tokens = Math.min(tokens, -open);
    bucket.isCold = false;
    if (now - bucket.refusedAt > 1000) {
      if (now - bucket.refusedAt < MINUTE_MS) bucket.cappedUntil = now + MINUTE_MS;
      bucket.refusedAt = now;
    }
  } else if (remaining >= 0 && bucket.isCold) {
    tokens = Math.min(size, remaining - open);
    bucket.isCold = false;
  } else if (remaining >= 0) {
    if (remaining + 1 < tokens - ageMs / msPerToken) bucket.cappedUntil = now + MINUTE_MS;
    if (bucket.cappedUntil > now) tokens = Math.min(tokens, remaining - open - Math.sqrt(size));
  } else if (bucket.isCold && answered > 0) {
    tokens = size - open - answered;
    bucket.isCold = false;
  }
  if (pauseMs > 0) bucket.pausedUntil = Math.max(bucket.pausedUntil, now + pauseMs);

  const dueAt = (): number => Math.max(now, bucket.pausedUntil, now + (1 - tokens) * msPerToken);
  const given: number[] = [];
  let due = dueAt();
  while (given.length < want && due - now <= aheadMs && !(bucket.isCold && tokens < 1)) {
    given.push(Math.ceil(due - now));
    tokens--;
    due = dueAt();
  }

  let againMs = 0;
  if (given.length < want) {
    const earliest = Math.max(now, bucket.isCold ? now + 50 : due - aheadMs);
    const turn = Math.max(msPerToken, Math.min(50, aheadMs / 10));
    const at = Math.max(earliest, Math.min(bucket.nextAsk, earliest + count * turn));
    againMs = Math.max(1, Math.ceil(at - now));
    bucket.nextAsk = at + turn;
  }

  const flyingNow = flying + given.length;
  bucket.members.set(me, { seenAt: Math.floor(now), flying: flyingNow });
  Object.assign(bucket, {
    tokens: stored(tokens, 6),
    countedAt: stored(now),
    pausedUntil: stored(bucket.pausedUntil),
    cappedUntil: stored(bucket.cappedUntil),
    nextAsk: stored(bucket.nextAsk),
    refusedAt: stored(bucket.refusedAt),
    sweptAt: stored(bucket.sweptAt),
    open: othersOpen + flyingNow,
    expiresAt: now + Math.ceil(Math.max(120_000, 2 * burst * msPerToken, bucket.pausedUntil - now + MINUTE_MS)),
  });
  return { tokens: given, againMs, processes: count, available: Math.floor(tokens), isCold: bucket.isCold };
}
