// What is aimed at. Each goal names the table and row that it reads, and compares with others of the same run. `why` is
// shown where it is missed.

const US = '@twig/sdk';
const KY = 'ky, as the transport uses it';
const MOST = 'of 100,000';
const FEWEST = 'of 1,000';
const SHARED = '@twig/sdk with redisStore';
const EACH_PIECE = 'for each piece a promise more, and a look at the clock of the idle limit';
const ALONE = 'minimal ky alone costs as much: see its row';

/** A value of a row, over the same of another row where one is named. */
const most = (table, what, limit, get, { row = US, over, unit = '×', why } = {}) => ({
  table,
  goal: `${what} ≤ ${limit} ${unit}`,
  unit,
  why,
  value: (rows) => get(rows[row]) / (over ? get(rows[over]) : 1),
  isReached: (value) => value <= limit,
});
const least = (table, what, limit, get, { unit = '×', ...more } = {}) => ({
  ...most(table, what, limit, get, { unit, ...more }),
  goal: `${what} ≥ ${limit} ${unit}`,
  isReached: (value) => value >= limit,
});

const value = (row) => row.value;
const ratio = (row) => row.ratio;
const speed = (row) => row.speed;

export const goals = [
  most('call', 'a call, over minimal ky', 1.5, ratio, { over: KY }),
  most('call', 'a call, over @octokit/core', 1, ratio, { over: '@octokit/core', why: ALONE }),
  most('call', 'a call, over stripe', 1, ratio, { over: 'stripe', why: ALONE }),
  most('call', "validation 'warn', over 'off'", 1.25, ratio, { over: "@twig/sdk, validation 'off'" }),
  most('call', 'allocated by a call', 35, (row) => row.KB, {
    unit: 'KB',
    why: 'ky allocates half of it: options merged, headers and a `Request` that are not used',
  }),
  most('observed', 'a call that nobody is interested in, over one without instrumentation', 1.05, ratio, {
    row: 'an instrumentation that is not interested',
  }),
  most('observed', 'OpenTelemetry with nothing set up, over a call without', 1.3, ratio, {
    row: '@twig/sdk/otel, nothing set up',
  }),
  most('first-request', 'import and first request, added to bare fetch', 25, (row) => row.added, { unit: 'ms' }),
  most('loopback-1', 'one at a time, over bare fetch', 1.35, ratio, { why: ALONE }),
  most('loopback-50', 'fifty at a time, over bare fetch', 1.5, ratio, { why: ALONE }),
  least('sse-event', 'speed of the parser, an event a chunk', 0.8, speed, { why: EACH_PIECE }),
  least('sse-64k', 'speed of the parser, chunks of 64 KiB', 0.8, speed, {
    why: 'the collector: with a young generation of 64 MB it is 1.0',
  }),
  least('sse-7', 'speed of the parser, chunks of 7 bytes', 0.8, speed, { why: EACH_PIECE }),
  most('sse-1m', 'an event of 1 MiB, over the parser', 2, ratio),
  most('first-bytes', 'first event, after its bytes', 8, value, { unit: 'µs' }),
  most('first-call', 'first event, after the call', 80, value, {
    unit: 'µs',
    why: 'two thirds of what passes before `fetch` is called is ky',
  }),
  most('ai-sdk', 'what a model of the AI SDK adds to the first delta', 50, (row) => row.added, {
    row: '@twig/sdk/ai-sdk',
    unit: 'µs',
  }),
  most('paging', 'paging, casing and validation on, over bare', 2, ratio),
  most('open-streams', 'an open stream', 33, value, { unit: 'KB' }),
  most('slow-reader', 'a slow reader of 100 MB', 40, value, {
    unit: 'MB',
    why: '`partialResponse` keeps the text so far; with events that are no text it is what the parser takes',
  }),
  most('flat-event', 'an event of 100,000, over one of 1,000', 2, value, { row: MOST, over: FEWEST }),
  most('flat-piece', 'a piece of an event of 100,000, over one of 1,000', 2, value, { row: MOST, over: FEWEST }),
  most('flat-item', 'an item of 100,000, over one of 1,000', 2, value, { row: MOST, over: FEWEST }),
  most('flat-call', 'a queued call of 100,000, over one of 1,000', 2, value, {
    row: MOST,
    over: FEWEST,
    why: 'so does a promise that waits in an array: the collector copies what lives',
  }),
  most('flat-token', 'a call that waits for a token, of 100,000, over one of 1,000', 2, value, {
    row: MOST,
    over: FEWEST,
  }),
  most('flat-memory', 'heap of a queued call of 100,000, over one of 1,000', 2, value, { row: MOST, over: FEWEST }),
  least('many', 'ten processes on one key: the limit used', 95, value, { row: SHARED, unit: '%' }),
  most('many', 'ten processes on one key: refused', 0.5, (row) => row['refused, %'], { row: SHARED, unit: '%' }),
  least(
    'many',
    'ten processes on one key: the least served, of the mean',
    60,
    (row) => row['least served, % of the mean'],
    {
      row: SHARED,
      unit: '%',
    },
  ),
  most('many', 'ten processes on one key: trips to Redis', 1.1, (row) => row['trips a call'], {
    row: SHARED,
    unit: 'a call',
  }),
];
