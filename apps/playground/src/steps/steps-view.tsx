import { useRef, useState } from 'preact/hooks';
import { opened, openTraceFile, traceFault } from '../state/opened-trace.ts';
import { TraceSteps } from './trace-steps.tsx';

/** Any trace of the command line, round by round. */
export function StepsView() {
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a short cut, and the button does the same
    <div
      class={`drop${over ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => event.currentTarget === event.target && setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        const [file] = event.dataTransfer?.files ?? [];
        if (file) void openTraceFile(file);
      }}
    >
      <div class="trace-open card">
        <button type="button" onClick={() => input.current?.click()}>
          Open a trace…
        </button>
        <input
          ref={input}
          type="file"
          accept=".json,application/json"
          class="hidden"
          tabIndex={-1}
          aria-label="A trace file"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) void openTraceFile(file);
            currentTarget.value = '';
          }}
        />
        <span class="soft">
          {opened.value === undefined
            ? 'or drop one here.'
            : `Open: ${opened.value.name}. Drop another one anywhere.`}{' '}
          It stays on this machine.
        </span>
      </div>
      {traceFault.value !== undefined && (
        <p class="fault card" role="alert">
          {traceFault.value}
        </p>
      )}
      {opened.value === undefined ? (
        <section class="card introduction" aria-label="What the step viewer is">
          <h2 class="title">Step through any run</h2>
          <p class="lead">
            <code>judge generate "…" --trace trace.json</code> writes every round of an answer into a file:
            what was drafted, what the target said, and who let each token in. Here it is looked at without
            the models, and without a server, and asked what another threshold would have decided.
          </p>
        </section>
      ) : (
        <TraceSteps key={opened.value.name} trace={opened.value.trace} />
      )}
    </div>
  );
}
