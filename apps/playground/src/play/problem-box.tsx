import type { Placement } from '@judge-decoding/core';
import { useId, useState } from 'preact/hooks';
import { pair } from '../state/pair.ts';
import {
  DOMAINS,
  type Domain,
  drawn,
  FIRST_PROBLEM,
  MOST_CHARACTERS,
  strangeSentence,
} from '../state/problems.ts';
import { linkTo } from '../state/routes.ts';
import { answer, busy, fault, problem, stop } from '../state/runs.ts';
import { asked, sayDevice, settings } from '../state/settings.ts';
import { SettingsBar } from './settings-bar.tsx';

const SAID: Readonly<Record<Domain, string>> = { words: 'a story', tables: 'a table', lists: 'a list' };
/** Counted up, so that no problem comes twice in a row. */
let draws = Math.floor(Math.random() * 500);

/** The first thing that anybody sees, as in `npm start`. */
export const showFirst = (): void => {
  problem.value = FIRST_PROBLEM;
};

/** Takes the next problem of a kind; numbers are drawn where the page is opened, not in the decoding. */
export const draw = (domain: Domain | 'any' = 'any'): void => {
  draws += 1;
  problem.value = drawn(domain, draws).prompt;
};

/** The problem, how it shall be decoded, and the button. */
export function ProblemBox({
  action,
}: {
  readonly action?: { readonly label: string; readonly run: () => void };
}) {
  const id = useId();
  const [cut, setCut] = useState(false);
  const [copied, setCopied] = useState(false);
  const running = busy.value !== undefined || pair.value.kind === 'opening';
  const strange = settings.value.pair === 'pocket' ? strangeSentence(problem.value) : undefined;
  const { label, run } = action ?? { label: 'Answer', run: () => void answer() };
  return (
    <section class="card problem" aria-label="The problem">
      <div class="problem-head">
        <label for={id}>Problem</label>
        <span class="draws">
          <span class="soft">draw</span>
          {DOMAINS.map((domain) => (
            <button key={domain} type="button" class="link" onClick={() => draw(domain)}>
              {SAID[domain]}
            </button>
          ))}
        </span>
      </div>
      <textarea
        id={id}
        rows={3}
        value={problem.value}
        placeholder="Mia has 12 pens. She buys 5 pens. How many pens does Mia have now?"
        aria-describedby={strange === undefined && !cut ? undefined : `${id}-note`}
        onInput={({ currentTarget }) => {
          const { value } = currentTarget;
          setCut(value.length > MOST_CHARACTERS);
          problem.value = value.slice(0, MOST_CHARACTERS);
          if (value.length > MOST_CHARACTERS) currentTarget.value = problem.value;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !running) {
            event.preventDefault();
            run();
          }
        }}
      />
      {(cut || strange !== undefined) && (
        <p class="soft note" id={`${id}-note`} role="status">
          {cut
            ? `The text was cut to its first ${MOST_CHARACTERS.toLocaleString('en')} characters.`
            : `The pocket pair’s world does not have “${strange!.length > 80 ? `${strange!.slice(0, 77)}…` : strange}”: the answer may be nonsense. Draw a problem to see what it knows.`}
        </p>
      )}
      <SettingsBar />
      <div class="go">
        {running ? (
          <button type="button" class="primary" onClick={stopAll}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            class="primary"
            disabled={problem.value.trim() === '' || 'fault' in asked.value}
            onClick={run}
          >
            {label}
          </button>
        )}
        <button
          type="button"
          class="quiet"
          disabled={problem.value.trim() === ''}
          onClick={async () => {
            await navigator.clipboard?.writeText(linkTo(problem.value)).catch(() => undefined);
            setCopied(true);
            setTimeout(() => setCopied(false), 2000);
          }}
        >
          {copied ? 'Link copied' : 'Copy link'}
        </button>
        <PairStatus />
      </div>
      {fault.value !== undefined && (
        <p class="fault" role="alert">
          {fault.value}
        </p>
      )}
    </section>
  );
}

export function stopAll(): void {
  if (pair.value.kind === 'opening') pair.value.abort.abort();
  stop();
}

/** What is open, or how far its opening is. */
function PairStatus() {
  const state = pair.value;
  if (state.kind === 'opening') {
    const { progress } = state;
    const share = progress && progress.total > 0 ? progress.done / progress.total : undefined;
    return (
      <span class="status" role="status">
        <progress value={share} aria-label="Opening the models" />
        {progress === undefined
          ? 'opening the models'
          : `${progress.what}: ${megabytes(progress.done)} of ${megabytes(progress.total)} MB`}
      </span>
    );
  }
  if (state.kind !== 'open')
    return <span class="status soft">Models are loaded with the first answer, and kept.</span>;
  const { target, draft, threads, adapter, placement } = state.opened;
  return (
    <span class="status soft">
      {target.name} ({target.dtype}){draft === undefined ? '' : ` and ${draft.name} (${draft.dtype})`} on{' '}
      {adapter?.name || sayDevice(target.device)}
      {adapter?.software ? ', a processor that plays the GPU: slow' : ''}
      {threads > 1 ? `, ${threads} threads` : ''}
      {placement === undefined ? '' : sayPlacement(placement)}
    </span>
  );
}

/** Where the draft was put, and what that rests on. */
function sayPlacement({ chosen, milliseconds }: Placement): string {
  const time = (place: string) => {
    const taken = milliseconds[place]!;
    return `${taken < 100 ? taken.toPrecision(2) : Math.round(taken)} ms`;
  };
  return chosen === 'wasm'
    ? `; the draft on the processor (${time('wasm')} a token, on the GPU ${time('webgpu')})`
    : `; the draft there too (${time('webgpu')} a token, on the processor ${time('wasm')})`;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
