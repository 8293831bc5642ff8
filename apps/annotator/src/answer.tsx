import { TokenText } from '@judge-decoding/page-parts';
import type { Suggestion } from '@judge-decoding/train/data-set';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { marked, shownWith } from './cut.ts';
import { actionOf, keys } from './keys.ts';
import { at, decide, mark, note, pieces, row, suggesting, toggleSuggestion, undo } from './state.ts';

/** Question, reference answer, and the answer that is to be marked. */
export function Answer({ onHelp }: { readonly onHelp: () => void }) {
  const current = useRef(0);
  // where there is no shift key
  const [ending, setEnding] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const shown = row.value!;
  useLayoutEffect(() => {
    current.current = mark.value?.from ?? 0;
    // keys reach the answer at once: no click is needed before the first
    place.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus({ preventScroll: true });
  }, [at.value]);
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      if (
        target instanceof HTMLElement &&
        (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('dialog'))
      )
        return;
      const action = actionOf(event.key);
      if (action === undefined) return;
      event.preventDefault();
      if (action === 'mark') mark.value = marked(mark.value, current.current, false);
      else if (action === 'end') mark.value = marked(mark.value, current.current, true);
      else if (action === 'clear') mark.value = undefined;
      else if (action === 'undo') void undo();
      else if (action === 'suggest') toggleSuggestion();
      else if (action === 'help') onHelp();
      else void decide(action);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [onHelp]);
  return (
    <>
      <section class="card question" aria-label="Question">
        <h2>Question</h2>
        <p class="text">{shown.question}</p>
        {shown.correct !== undefined && (
          <details open>
            <summary>An answer that is right</summary>
            <p class="text soft">{shown.correct}</p>
          </details>
        )}
      </section>
      <section class="card" aria-label="The answer to mark">
        <div class="section-head">
          <h2>Where does it go wrong first?</h2>
          <p class="soft">
            Click the first wrong token, or go there with the arrow keys. Shift and a click ends the mistake,
            where what follows is right again.
          </p>
        </div>
        <div ref={place}>
          <TokenText
            key={at.value}
            class="prose"
            label="The answer, token by token"
            tokens={shownWith(pieces.value, mark.value, suggesting.value ? shown.suggestion : undefined)}
            onLook={(index) => {
              if (index !== undefined) current.current = index;
            }}
            onPick={(index, shifted) => {
              const shift = shifted || ending;
              setEnding(false);
              // Enter on the token that is marked already is the decision
              if (
                !shift &&
                mark.value?.from === index &&
                document.activeElement?.matches('[role=option]:focus-visible')
              )
                void decide('mistake');
              else mark.value = marked(mark.value, index, shift);
            }}
          />
        </div>
        {mark.value !== undefined && (
          <button type="button" class="quiet" aria-pressed={ending} onClick={() => setEnding(!ending)}>
            {ending ? 'Now choose its last wrong token' : 'Choose where the mistake ends'}
          </button>
        )}
        {shown.suggestion !== undefined && <Suggested of={shown.suggestion} />}
        <div class="field note-field">
          <label for="note">Note (optional)</label>
          <input
            id="note"
            type="text"
            maxLength={500}
            value={note.value}
            onInput={({ currentTarget }) => {
              note.value = currentTarget.value;
            }}
          />
        </div>
      </section>
    </>
  );
}

/** What a head thinks of it, hidden until it is asked for: a suggestion sways whoever sees it. */
const Suggested = ({ of: { head, scores, threshold } }: { readonly of: Suggestion }) => (
  <div class="suggested">
    <button type="button" class="quiet" aria-pressed={suggesting.value} onClick={toggleSuggestion}>
      {suggesting.value ? 'Hide what a head suggests' : 'Show what a head suggests'}{' '}
      <kbd>{keys.value.suggest}</kbd>
    </button>
    {suggesting.value && (
      <p class="soft" role="status">
        {scores.some((score) => score <= threshold)
          ? 'Underlined is what it would stop. '
          : 'It would stop nothing here. '}
        The head is {head}, at {threshold.toFixed(3)}; your decision will say that you saw it.
      </p>
    )}
  </div>
);
