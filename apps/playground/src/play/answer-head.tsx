import { readBacksPerRound, sayRule } from '@judge-decoding/core';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { sayPiece } from '../parts/lane.ts';
import { save } from '../parts/save.ts';
import { pin } from '../state/look.ts';
import { openTrace } from '../state/opened-trace.ts';
import { verdict } from '../state/problems.ts';
import { go } from '../state/routes.ts';
import { busy, currentId, figuresOf, type Run, runs, writtenIn } from '../state/runs.ts';
import { settings } from '../state/settings.ts';

/** Which of the runs is shown, and its figures. */
export function AnswerHead({ run }: { readonly run: Run }) {
  const { accepted, perSecond, tokens } = figuresOf(run);
  const readBacks = run.end && readBacksPerRound(run.end.stats);
  const trace = run.end?.trace;
  const decoding = busy.value?.id === run.id;
  const right =
    run.end && settings.value.pair === 'pocket' ? verdict(run.request.problem, run.end.text) : undefined;
  return (
    <>
      {runs.value.length > 1 && <Branches run={run} />}
      <div class="figures-row">
        <dl class="figures" aria-live="off">
          {accepted !== undefined && (
            <Figure
              name="accepted a round"
              value={accepted.toFixed(1)}
              of={`of ${run.request.draftLength}`}
            />
          )}
          {perSecond !== undefined && (
            <Figure name="tokens a second" value={perSecond.toFixed(perSecond < 10 ? 1 : 0)} />
          )}
          <Figure name="tokens" value={String(tokens)} />
          {readBacks && (
            <Figure
              name="read back a round"
              value={sayBytes(readBacks.bytes)}
              of={readBacks.count === 1 ? 'at once' : `in ${readBacks.count.toFixed(1)} parts`}
            />
          )}
          <Figure name="rule" value={run.request.draftLength === 0 ? 'plain' : sayRule(run.request.verify)} />
          {right && <Figure name="answer" value={right} mark={right} />}
        </dl>
        {decoding && <span class="writing">writing…</span>}
        {trace && (
          <span class="buttons">
            <button
              type="button"
              class="link"
              onClick={() => {
                openTrace(trace, 'this answer');
                go('steps');
              }}
            >
              Step through
            </button>
            <button
              type="button"
              class="link"
              onClick={() => save('trace.json', `${JSON.stringify(trace)}\n`)}
            >
              Save trace
            </button>
          </span>
        )}
      </div>
    </>
  );
}

const sayBytes = (bytes: number): string =>
  bytes < 1000 ? `${Math.round(bytes)} B` : `${Math.round(bytes / 1000)} kB`;

function Figure({
  name,
  value,
  of,
  mark,
}: {
  readonly name: string;
  readonly value: string;
  readonly of?: string;
  readonly mark?: string;
}) {
  return (
    <div class={mark === undefined ? '' : `verdict ${mark}`}>
      <dt>{name}</dt>
      <dd>
        {value}
        {of !== undefined && <span class="soft"> {of}</span>}
      </dd>
    </div>
  );
}

/** The first answer, and each what-if beside it. */
function Branches({ run }: { readonly run: Run }) {
  const list = useRef<HTMLDivElement>(null);
  // a new one may stand behind the edge of a phone; the page itself stays where it is
  useLayoutEffect(() => {
    const chosen = list.current?.querySelector<HTMLElement>('[aria-selected=true]');
    if (!list.current || !chosen) return;
    const [{ left, right }, frame] = [chosen, list.current].map((each) => each.getBoundingClientRect()) as [
      DOMRect,
      DOMRect,
    ];
    list.current.scrollLeft += Math.min(0, left - frame.left) + Math.max(0, right - frame.right);
  }, [run.id]);
  const names = runs.value.map(nameOf);
  return (
    <div ref={list} class="branches" role="tablist" aria-label="What if">
      {runs.value.map((each, index) => (
        <button
          key={each.id}
          type="button"
          role="tab"
          aria-selected={each.id === run.id}
          onClick={() => {
            pin(undefined);
            currentId.value = each.id;
          }}
        >
          {names[index]}
          {names.indexOf(names[index]!) !== names.lastIndexOf(names[index]!) &&
            each.fork !== undefined &&
            `, token ${each.fork.at + 1}`}
        </button>
      ))}
    </div>
  );
}

function nameOf(run: Run): string {
  if (run.fork === undefined)
    return run.before.length === 0 ? 'The answer' : `From token ${run.before.length + 1}`;
  const parent = runs.value.find(({ id }) => id === run.fork!.parent);
  const instead = parent && writtenIn(parent)[run.fork.at];
  const forced = sayPiece(run.pieces[run.fork.token]).trim();
  return `What if “${forced}”${instead ? ` for “${sayPiece(run.pieces[instead.id]).trim()}”` : ''}`;
}
