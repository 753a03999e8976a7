/**
 * The bucket that many processes share, as a script that Redis runs: one token bucket a key and scope, counted by the time
 * of Redis alone. `limit-rules.ts` has the same rules in TypeScript, and a test holds the two equal.
 *
 * Kept in Redis: a hash for the bucket (`KEYS[1]`), and one with a member a process (`KEYS[2]`: `id → seen:flying`).
 */

/** Lua 5.1, for Redis 5 and later and for Valkey. */
export const LIMIT_SCRIPT = `-- Arguments. Times are milliseconds; -1 stands for what an answer did not say.
local perMinute, burst, want, ahead = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local validUntil, flying, processes = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local back, answered, status = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local toldLimit, remaining, age, pause = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local me = ARGV[15]
local bucket, members = KEYS[1], KEYS[2]

-- Redis 5 and 6 refuse to write after TIME unless the effects are replicated, which later versions always do.
if redis.replicate_commands then redis.replicate_commands() end
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000

-- Too late: the ask lay in a client that was not connected, and whoever wanted the tokens has long gone.
if validUntil > 0 and now > validUntil then return {-1, math.floor(now)} end

local stored = redis.call('HMGET', bucket, 'tokens', 'countedAt', 'limit', 'pausedUntil', 'cold', 'cappedUntil',
  'nextAsk', 'refusedAt', 'open', 'sweptAt')
local function kept(i) return tonumber(stored[i] or 0) end
local isNew = not stored[1]
local limit = toldLimit > 0 and toldLimit or tonumber(stored[3] or perMinute)
local pausedUntil, cold, cappedUntil, nextAsk, refusedAt = kept(4), kept(5), kept(6), kept(7), kept(8)

-- The margin: the bucket is smaller than the server's, because a request may travel quicker than those before it.
local msPerToken = 60000 / math.min(perMinute, limit)
local size = math.max(1, burst - 1 - math.min(burst / 10, 250 / msPerToken))

-- Filling. Nothing is known of a bucket that is new (the first start, a flush, a failover): a part of the burst goes ahead.
local tokens
if isNew then
  tokens = math.min(size, 2 + burst / 4)
  cold = 1
else
  -- The clock of a replica may be behind.
  tokens = math.min(size, kept(1) + math.max(0, now - kept(2)) / msPerToken)
end
tokens = math.min(size, tokens + back)

-- Under way: what each process last said of itself. Whoever was silent for a minute has ended or waits for nothing. The
-- sum is kept, and counted anew once a second: a thousand members take a millisecond to read.
local sweptAt, othersOpen, count = kept(10), 0, 1
local mine = redis.call('HGET', members, me)
if isNew or math.abs(now - sweptAt) >= 1000 then
  local all = redis.call('HGETALL', members)
  for i = 1, #all, 2 do
    local seen, open = string.match(all[i + 1], '^(%d+):(%d+)$')
    if now - tonumber(seen) > 60000 then
      redis.call('HDEL', members, all[i])
    elseif all[i] ~= me then
      othersOpen = othersOpen + tonumber(open)
      count = count + 1
    end
  end
  sweptAt = now
else
  othersOpen = math.max(0, kept(9) - (mine and tonumber(string.match(mine, ':(%d+)$')) or 0))
  count = redis.call('HLEN', members) + (mine and 0 or 1)
end
local open = flying + othersOpen
-- Of the others nothing is known yet; each may have as much under way.
if isNew then open = flying * processes end

-- News. What a server has left, less all that is under way and may not be counted there yet, is the truth.
if status == 429 then
  tokens = math.min(tokens, -open)
  cold = 0
  -- A second one, not of the same moment: somebody else draws on the limit, or it is lower.
  if now - refusedAt > 1000 then
    if now - refusedAt < 60000 then cappedUntil = now + 60000 end
    refusedAt = now
  end
elseif remaining >= 0 and cold == 1 then
  tokens = math.min(size, remaining - open)
  cold = 0
elseif remaining >= 0 then
  -- The server had less than the bucket must have held when the request was sent.
  if remaining + 1 < tokens - age / msPerToken then cappedUntil = now + 60000 end
  -- What somebody else draws strays by about its square root: so much is left to him.
  if cappedUntil > now then tokens = math.min(tokens, remaining - open - math.sqrt(size)) end
elseif cold == 1 and answered > 0 then
  tokens = size - open - answered
  cold = 0
end
if pause > 0 then pausedUntil = math.max(pausedUntil, now + pause) end

-- Giving: as many as fall due within the time ahead, each with its time. Before the first answer nothing is lent.
local function dueAt() return math.max(now, pausedUntil, now + (1 - tokens) * msPerToken) end
local given = {}
local due = dueAt()
while #given < want and due - now <= ahead and not (cold == 1 and tokens < 1) do
  given[#given + 1] = math.ceil(due - now)
  tokens = tokens - 1
  due = dueAt()
end

-- Who gets too few is told when to ask again, one after the other: that is what makes it fair. No later than if each
-- process had a turn: some ask before theirs, because they have news.
local again = 0
if #given < want then
  local earliest = math.max(now, cold == 1 and now + 50 or due - ahead)
  local turn = math.max(msPerToken, math.min(50, ahead / 10))
  local at = math.max(earliest, math.min(nextAsk, earliest + count * turn))
  again = math.max(1, math.ceil(at - now))
  nextAsk = at + turn
end

local flyingNow = flying + #given
redis.call('HSET', bucket, 'tokens', string.format('%.6f', tokens), 'countedAt', string.format('%.3f', now),
  'limit', limit, 'pausedUntil', string.format('%.3f', pausedUntil), 'cold', cold,
  'cappedUntil', string.format('%.3f', cappedUntil), 'nextAsk', string.format('%.3f', nextAsk),
  'refusedAt', string.format('%.3f', refusedAt), 'open', othersOpen + flyingNow,
  'sweptAt', string.format('%.3f', sweptAt))
redis.call('HSET', members, me, string.format('%.0f:%.0f', math.floor(now), flyingNow))
-- Kept as long as it says more than a new one would: two minutes, twice the time to fill, a minute beyond a pause.
local keep = math.ceil(math.max(120000, 2 * burst * msPerToken, pausedUntil - now + 60000))
redis.call('PEXPIRE', bucket, keep)
redis.call('PEXPIRE', members, keep)

local reply = {math.floor(now), again, count, math.floor(tokens), cold}
for _, ms in ipairs(given) do reply[#reply + 1] = ms end
return reply
`;
