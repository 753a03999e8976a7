// The page docs/performance.md, made of what a run has measured.

import { cpus, totalmem } from 'node:os';
import { short } from './report.mjs';

const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (head, rows) =>
  [line(head), line(head.map((name, i) => (i && name ? '--:' : '---'))), ...rows.map(line)].join('\n');

function goalTable(goals, tables) {
  const rows = goals.map(({ table: id, goal, unit, why, value, isReached }) => {
    const found = tables.find((one) => one.id === id);
    const result = value(Object.fromEntries(found.rows.map((row) => [row.name, row])));
    return [goal, `${short(result)} ${unit}`, isReached(result) ? 'reached' : `**missed**${why ? `: ${why}` : ''}`];
  });
  return table(['goal', 'measured', ''], rows);
}

function section({ title, unit, note, rows }) {
  const more = Object.keys(rows[0]).filter((key) => !['name', 'value', 'spread', 'ratio'].includes(key));
  const body = rows.map(({ name, value, spread, ratio, ...rest }) => [
    /^[@\w][\w@/-]*$/.test(name) ? `\`${name}\`` : name,
    short(value),
    Math.round(spread),
    short(ratio),
    ...more.map((key) => rest[key]),
  ]);
  return [`### ${title}`, note, table(['', unit, '± %', 'ratio', ...more], body)].filter(Boolean).join('\n\n');
}

/** The page. `versions` are those of the packages compared. */
export function page(goals, tables, versions) {
  const [{ model }, { length }] = [cpus()[0], cpus()];
  const machine = `${length} × ${model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}`;
  return `# Performance

Made by \`npm run bench\`; not edited by hand. ${new Date().toISOString().slice(0, 10)}, on ${machine}.

The contenders of a table take turns in one process, in many short rounds. Each value is the median of the rounds, \`± %\`
half the distance between the quartiles. \`ratio\` is the median of the ratios to the first row, round by round: it says
more than the values, which depend on the machine. Times are processor time, so that nobody pays for another process;
over loopback, and to a first event, they are the time that passes.

${versions}.

## Goals

${goalTable(goals, tables)}

## Tables

${tables.map(section).join('\n\n')}
`;
}
