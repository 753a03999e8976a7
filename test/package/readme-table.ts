/** The table of figures in README.md: written from a measurement, and held to one. */

import { readFileSync, writeFileSync } from 'node:fs';
import type { Figures } from './measure.ts';

const README = 'README.md';
const BLOCK = /(<!-- figures -->\n)[\s\S]*?(<!-- \/figures -->)/;

interface Row {
  readonly label: string;
  readonly value: (figures: Figures) => number;
  readonly unit: string;
  /** What a number in the table may be off by, as a part of it. Times differ from machine to machine and are not held. */
  readonly tolerance?: number;
}

const ROWS: readonly Row[] = [
  {
    label: 'everything bundled for a page, minified, gzip',
    value: ({ page }) => page / 1000,
    unit: 'KB',
    tolerance: 0.03,
  },
  { label: '… for Node', value: ({ node }) => node / 1000, unit: 'KB', tolerance: 0.03 },
  { label: '`import`, over an empty process', value: ({ load }) => load, unit: 'ms' },
  { label: '`import` and a first request', value: ({ firstCall }) => firstCall, unit: 'ms' },
  { label: 'type-check of ten lines, over an empty file', value: ({ check }) => check, unit: 'ms' },
  { label: 'type instantiations of it', value: ({ instantiations }) => instantiations, unit: '', tolerance: 0.1 },
];

const cells = (values: readonly string[]): string => `| ${values.join(' | ')} |\n`;
const shown = (value: number, { unit }: Row): string => `${value.toFixed(unit === 'KB' ? 1 : 0)} ${unit}`.trim();

export function tableOf(figures: Record<string, Figures>): string {
  const columns = Object.entries(figures);
  const versions = columns.map(([name, { version }], i) => (i === 0 ? `**${name}**` : `${name} ${version}`));
  const rows = ROWS.map((row) => cells([row.label, ...columns.map(([, each]) => shown(row.value(each), row))]));
  return cells(['', ...versions]) + cells(['---', ...columns.map(() => '--:')]) + rows.join('');
}

export function writeTable(figures: Record<string, Figures>): void {
  const text = readFileSync(README, 'utf8');
  writeFileSync(
    README,
    text.replace(BLOCK, (_, start: string, end: string) => start + tableOf(figures) + end),
  );
}

/** What in the table is no longer so. */
export function outdated(figures: Record<string, Figures>): string[] {
  const lines = (BLOCK.exec(readFileSync(README, 'utf8'))?.[0] ?? '').split('\n');
  const columns = Object.entries(figures);
  return ROWS.flatMap((row) => {
    const numbers =
      lines
        .find((line) => line.includes(`| ${row.label} |`))
        ?.split('|')
        .slice(2) ?? [];
    return columns.flatMap(([name, each], i) => {
      const value = row.value(each);
      const written = Number.parseFloat(numbers[i] ?? '');
      const off = Math.abs(written - value) / value;
      return off <= (row.tolerance ?? Number.POSITIVE_INFINITY) ? [] : [`${name}, ${row.label}: ${shown(value, row)}`];
    });
  });
}
