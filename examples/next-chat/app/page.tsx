// The conversation. There is no key here: questions go to the route of this application.

'use client';

import { useChat } from '@ai-sdk/react';
import { useEffect, useState } from 'react';
import { Answer } from './answer.tsx';
import { Composer } from './composer.tsx';
import { textOf } from './parts.ts';

const SUGGESTIONS = [
  'What is your refund policy?',
  'How do I reset my password?',
  'What is pricing for a team of twelve?',
];

export default function Page() {
  const [isStopped, setStopped] = useState(false);
  const { messages, sendMessage, status, error, stop, regenerate } = useChat({
    onFinish: ({ isAbort }) => setStopped(isAbort),
  });
  const isBusy = status === 'submitted' || status === 'streaming';
  const last = messages.at(-1);
  const isWaiting = status === 'submitted' && last?.role === 'user';

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever is added to the page moves its end.
  useEffect(() => {
    scrollTo({ top: document.documentElement.scrollHeight });
  }, [messages, isBusy]);

  const ask = (text: string): void => {
    setStopped(false);
    void sendMessage({ text });
  };
  const retry = (): void => {
    setStopped(false);
    void regenerate();
  };
  const fault = error ? error.message : isStopped && !isBusy ? 'Stopped.' : undefined;

  return (
    <>
      <main>
        {messages.length === 0 && (
          <section className="welcome" aria-labelledby="greeting">
            <h2 id="greeting">How can we help?</h2>
            <p>Answers come from the documentation, and name their sources.</p>
            <ul>
              {SUGGESTIONS.map((text) => (
                <li key={text}>
                  <button type="button" onClick={() => ask(text)}>
                    {text}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        )}
        <ol aria-label="Conversation">
          {messages.map((message) =>
            message.role === 'user' ? (
              <li key={message.id} className="question">
                <span className="unseen">You asked:</span>
                <p className="text">{textOf(message)}</p>
              </li>
            ) : (
              <Answer key={message.id} message={message} isBusy={isBusy && message === last} />
            ),
          )}
          {isWaiting && (
            <li className="answer busy">
              <p className="text" />
            </li>
          )}
          {fault && (
            <li className="answer">
              <div className={error ? 'fault' : 'fault mild'}>
                <p>{fault}</p>
                <button type="button" className="retry" onClick={retry}>
                  <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
                    <path d="M20 12a8 8 0 1 1-2.5-5.8M20 3v4.5h-4.5" />
                  </svg>
                  Try again
                </button>
              </div>
            </li>
          )}
        </ol>
      </main>
      <Composer isBusy={isBusy} onAsk={ask} onStop={() => void stop()} />
      {/* The words of an answer are told once, when it is whole. */}
      <p className="unseen" role="status">
        {fault ?? (isBusy ? 'The answer is on its way.' : last?.role === 'assistant' && textOf(last))}
      </p>
    </>
  );
}
