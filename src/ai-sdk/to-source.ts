/** Passages that an answer rests on, as sources of the AI SDK. */

import type { Source } from '../query-response.ts';
import type { TwigModelSource, TwigSourceMetadata } from './types.ts';
import { withoutNulls } from './without-nulls.ts';

/** A page puts `url` into a link, so nothing but what a link may hold is one. */
function webAddress(url: unknown): string | undefined {
  return typeof url === 'string' && /^https?:\/\/[^\s/?#]+(?:[/?#]|$)/i.test(url) ? url : undefined;
}

function toSource(source: Source, id: string): TwigModelSource {
  const { chunkId, chunkText, documentTitle, documentUrl, similarityScore } = source;
  const url = webAddress(documentUrl);
  const metadata: TwigSourceMetadata = withoutNulls({
    chunkId,
    similarityScore,
    chunkText,
    ...(url === undefined && { documentUrl }),
  });
  const common = { type: 'source' as const, id, providerMetadata: { twig: { ...metadata } } };
  return url === undefined
    ? { ...common, sourceType: 'document', mediaType: 'text/plain', title: documentTitle || id }
    : { ...common, sourceType: 'url', url, ...(documentTitle && { title: documentTitle }) };
}

/** Gives each passage once, in the order in which they come: a stream may name them twice. */
export function createSourceMapper(): (sources: readonly Source[]) => TwigModelSource[] {
  const seen = new Set<string>();
  let nameless = 0;
  return (sources) => {
    const fresh: TwigModelSource[] = [];
    for (const source of sources) {
      // Whatever came: response validation tells of it.
      if (!source) continue;
      const key = source.chunkId || JSON.stringify(source);
      if (seen.has(key)) continue;
      seen.add(key);
      fresh.push(toSource(source, source.chunkId || `source-${++nameless}`));
    }
    return fresh;
  };
}
