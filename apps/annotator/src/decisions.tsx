import { annotationOf } from '@judge-decoding/train/data-set';
import { type Action, keys } from './keys.ts';
import { annotator, at, decide, decided, mark, rows, show, undo } from './state.ts';

const SAID = {
  mistake: 'goes wrong',
  correct: 'correct',
  skip: 'skipped',
  flag: 'flagged',
} as const;

/** One button for each decision, with its key on it. */
export function Decisions() {
  const ready = at.value !== undefined && annotator.value !== '';
  return (
    <div class="decisions">
      <button
        type="button"
        class="primary"
        disabled={!ready || mark.value === undefined}
        onClick={() => void decide('mistake')}
      >
        Goes wrong there <Key action="mistake" />
      </button>
      <button type="button" disabled={!ready} onClick={() => void decide('correct')}>
        Correct as it is <Key action="correct" />
      </button>
      <button type="button" disabled={!ready} onClick={() => void decide('skip')}>
        Skip <Key action="skip" />
      </button>
      <button type="button" disabled={!ready} onClick={() => void decide('flag')}>
        Flag <Key action="flag" />
      </button>
      <button type="button" class="quiet" disabled={decided.value.length === 0} onClick={() => void undo()}>
        Undo <Key action="undo" />
      </button>
    </div>
  );
}

const Key = ({ action }: { readonly action: Action }) => <kbd>{keys.value[action]}</kbd>;

/** The last ten decisions, each a way back to its row. */
export function History() {
  const list = [...decided.value].reverse();
  return (
    <aside class="card history" aria-label="The last decisions">
      <h2>The last ten</h2>
      {list.length === 0 ? (
        <p class="soft">Every decision can be changed again from here.</p>
      ) : (
        <ol>
          {list.map((index) => {
            const row = rows.value[index]!;
            const said = annotationOf(row, annotator.value);
            return (
              <li key={index}>
                <button
                  type="button"
                  aria-current={index === at.value ? 'true' : undefined}
                  onClick={() => show(index)}
                >
                  <b class={`d-${said?.decision ?? 'open'}`}>
                    {said === undefined ? 'open' : SAID[said.decision]}
                  </b>
                  <span>{row.question.slice(0, 80)}</span>
                </button>
              </li>
            );
          })}
        </ol>
      )}
    </aside>
  );
}
