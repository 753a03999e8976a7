// Where a question is written. One button sends and stops, so that the focus never falls off the page.

import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

interface ComposerProps {
  isBusy: boolean;
  onAsk: (text: string) => void;
  onStop: () => void;
}

export function Composer({ isBusy, onAsk, onStop }: ComposerProps) {
  const [text, setText] = useState('');
  const input = useRef<HTMLTextAreaElement>(null);

  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    const onKey = ({ key }: { key: string }): void => {
      if (key === 'Escape') onStop();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [onStop]);

  const send = (): void => {
    const question = text.trim();
    if (!question || isBusy) return;
    setText('');
    onAsk(question);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // An Enter that ends a composition (Chinese, Japanese, Korean) is part of the writing.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };

  return (
    <form
      className="composer"
      aria-label="Ask"
      onSubmit={(event) => {
        event.preventDefault();
        if (isBusy) onStop();
        else send();
      }}
    >
      <label htmlFor="question" className="unseen">
        Your question
      </label>
      <textarea
        ref={input}
        id="question"
        rows={1}
        maxLength={4000}
        placeholder="Ask a question"
        autoComplete="off"
        aria-describedby="keys"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={onKeyDown}
      />
      <p id="keys" className="unseen">
        Enter sends, Shift and Enter begins a new line, Escape stops an answer.
      </p>
      <button type="submit" className={isBusy ? 'busy' : ''} aria-label={isBusy ? 'Stop' : 'Send'}>
        <svg className="icon when-idle" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 19V5m-6 6 6-6 6 6" />
        </svg>
        <svg className="icon when-busy" viewBox="0 0 24 24" aria-hidden="true">
          <rect x="7" y="7" width="10" height="10" rx="1.5" />
        </svg>
      </button>
    </form>
  );
}
