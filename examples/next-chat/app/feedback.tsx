// Two thumbs.

import { useState } from 'react';

const THUMB = 'M7 11v9H4v-9zm0 0 4-7.5c1.6 0 2.6 1.2 2.3 2.8L12.8 9.5H18a2 2 0 0 1 2 2.4l-1.3 6.5A2 2 0 0 1 16.7 20H7';
const CHOICES = [
  { feedback: 'positive', label: 'Helpful', icon: 'icon' },
  { feedback: 'negative', label: 'Not helpful', icon: 'icon flipped' },
] as const;
type Choice = (typeof CHOICES)[number]['feedback'];

export function Feedback({ interactionId }: { interactionId: string }) {
  const [pressed, press] = useState<Choice>();
  const [note, setNote] = useState('');

  const send = async (feedback: Choice): Promise<void> => {
    press(feedback);
    const body = JSON.stringify({ interactionId, feedback });
    const isStored = await fetch('/api/feedback', { method: 'POST', body }).then(
      ({ ok }) => ok,
      () => false,
    );
    setNote(isStored ? 'Thank you.' : 'That could not be stored. Please try again.');
    if (!isStored) press(undefined);
  };

  return (
    <fieldset className="feedback" aria-label="Was this answer helpful?">
      <span aria-hidden="true">Helpful?</span>
      {CHOICES.map(({ feedback, label, icon }) => (
        <button
          key={feedback}
          type="button"
          aria-label={label}
          aria-pressed={pressed === feedback}
          onClick={() => void send(feedback)}
        >
          <svg className={icon} viewBox="0 0 24 24" aria-hidden="true">
            <path d={THUMB} />
          </svg>
        </button>
      ))}
      <p role="status">{note}</p>
    </fieldset>
  );
}
