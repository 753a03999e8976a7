// What a script says: a table for people on stderr, the same as a line of JSON on stdout.

export const short = (value) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : value);

/** Tells the rows of `summarise`; what else a row holds becomes columns. */
export function report({ id, title, unit = 'µs', note }, rows) {
  console.error(`\n${title}${note ? `\n${note}` : ''}`);
  const columns = rows.map(({ name, value, spread, ratio, ...more }) => [
    name,
    { [unit]: short(value), '± %': Math.round(spread), ratio: short(ratio), ...more },
  ]);
  new console.Console(process.stderr).table(Object.fromEntries(columns));
  console.log(JSON.stringify({ id, title, unit, note, rows }));
}
