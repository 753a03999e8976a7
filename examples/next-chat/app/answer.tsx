// An answer: its text as it comes, then what it rests on, and what the visitor thinks of it.

import type { SourceDocumentUIPart, SourceUrlUIPart, UIMessage } from 'ai';
import { Feedback } from './feedback.tsx';
import { interactionOf, textOf, twigOf } from './parts.ts';

type SourcePart = SourceUrlUIPart | SourceDocumentUIPart;

const isSource = (part: UIMessage['parts'][number]): part is SourcePart =>
  part.type === 'source-url' || part.type === 'source-document';

function Source({ part }: { part: SourcePart }) {
  const { similarityScore, chunkText } = twigOf(part);
  return (
    <li>
      <details>
        <summary>
          <span className="title">{part.title ?? (part.type === 'source-url' ? part.url : part.sourceId)}</span>
          {typeof similarityScore === 'number' && (
            <span className="score" style={{ ['--score' as string]: similarityScore }}>
              <span className="unseen">match</span>
              <span className="percent">{Math.round(similarityScore * 100)} %</span>
            </span>
          )}
        </summary>
        {typeof chunkText === 'string' && <blockquote>{chunkText}</blockquote>}
        {/* A part with an address has one of the web: everything else came as a document. */}
        {part.type === 'source-url' && (
          <a href={part.url} target="_blank" rel="noreferrer">
            Open the document
          </a>
        )}
      </details>
    </li>
  );
}

export function Answer({ message, isBusy }: { message: UIMessage; isBusy: boolean }) {
  const sources = message.parts.filter(isSource);
  const interactionId = interactionOf(message);
  return (
    <li className={isBusy ? 'answer busy' : 'answer'}>
      <span className="unseen">Answer:</span>
      <p className="text">{textOf(message)}</p>
      {!isBusy && sources.length > 0 && (
        <section className="sources" aria-label="Sources">
          <ol>
            {sources.map((part) => (
              <Source key={part.sourceId} part={part} />
            ))}
          </ol>
        </section>
      )}
      {!isBusy && interactionId && <Feedback key={interactionId} interactionId={interactionId} />}
    </li>
  );
}
