/** Addresses: ids as path segments, and query strings. No other file puts an id into a path. */

import { TwigValidationError } from '../errors.ts';
import { toSnake } from '../params/casing.ts';
import { checkId } from '../params/checks.ts';

/**
 * A `.` or `..` segment in a path, as a careless server might see it that decodes more than once: URL parsers take those
 * for directories, also as `%2e` (WHATWG URL, "double-dot path segment"), and `encodeURIComponent` lets them through.
 */
const DOT_SEGMENT = /(^|[/\\]|%(25)*(2f|5c))(\.|%(25)*2e){1,2}($|[/\\]|%(25)*(2f|5c))/i;

/** Puts an id into the place of `:id`, encoded. Refuses what could reach another path. */
export function fillPath(path: string, id: unknown): string {
  const issues = checkId(id);
  if (!issues.length && DOT_SEGMENT.test(id as string)) {
    issues.push({ path: 'id', message: 'must not be, or hold, a "." or ".." path segment' });
  }
  if (issues.length) throw new TwigValidationError(issues);
  return path.replace(':id', () => encodeURIComponent(id as string));
}

/** Checks a path of the caller's own (it may bring a query string). */
export function checkPath(path: unknown): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
  const valid = typeof path === 'string' && /^\/(?!\/)[^\s\\#\x00-\x1f\x7f-\x9f]*$/.test(path);
  if (!valid || DOT_SEGMENT.test(path.split('?', 1)[0] ?? '')) {
    throw new TwigValidationError([
      { path: 'path', message: 'must begin with one "/", and hold no host, fragment, white space or dot segment' },
    ]);
  }
  return path;
}

/** The query string, `?` included, or nothing. A `Date` becomes its UTC day, an array a repeated key. */
export function encodeQuery(query: object | undefined, path: string): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(query ?? {})) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined) continue;
      if (typeof item === 'object' && item && !(item instanceof Date)) {
        throw new TwigValidationError([
          { path: key, message: 'must be a text, number, boolean or Date, or a list of them' },
        ]);
      }
      const text = item instanceof Date ? item.toISOString().slice(0, 10) : String(item);
      if (/[\ud800-\udfff]/u.test(text)) {
        throw new TwigValidationError([{ path: key, message: 'holds half a surrogate pair, which no URL can carry' }]);
      }
      parts.push(`${encodeURIComponent(toSnake(key))}=${encodeURIComponent(text)}`);
    }
  }
  return parts.length ? (path.includes('?') ? '&' : '?') + parts.join('&') : '';
}
