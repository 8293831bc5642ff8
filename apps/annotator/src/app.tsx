import { ThemeSwitch } from '@judge-decoding/page-parts';
import { useRef, useState } from 'preact/hooks';
import { Agreement } from './agreement.tsx';
import { Answer } from './answer.tsx';
import { Decisions, History } from './decisions.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { annotator, at, fault, open, openStore, pace, queue, rows, show, store } from './state.ts';
import { canWriteFiles, fileStore, handleStore, pickedHandle, textOf } from './store.ts';

export function App() {
  const [help, setHelp] = useState(false);
  const [agreement, setAgreement] = useState(false);
  const loaded = store.value !== undefined;
  return (
    <>
      <header class="top">
        <div class="inner">
          <span class="name">
            judge decoding <b>annotator</b>
          </span>
          {loaded && <Progress />}
          <div class="tools">
            {loaded && (
              <button
                type="button"
                class="quiet"
                aria-pressed={agreement}
                onClick={() => setAgreement(!agreement)}
              >
                Agreement
              </button>
            )}
            <ThemeSwitch />
            <button type="button" class="quiet" aria-label="Keys" onClick={() => setHelp(true)}>
              ?
            </button>
          </div>
        </div>
      </header>
      <main
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          const [file] = event.dataTransfer?.files ?? [];
          if (file) void fileStore(file).then(openStore);
        }}
      >
        <h1 class="hidden">Judge decoding annotator</h1>
        {fault.value !== undefined && (
          <p class="fault" role="alert">
            {fault.value}
          </p>
        )}
        {!loaded ? (
          <Open />
        ) : agreement ? (
          <Agreement onShow={() => setAgreement(false)} />
        ) : (
          <div class="with-history">
            <div class="column">
              <Who />
              {at.value === undefined ? <Done /> : <Answer onHelp={() => setHelp(true)} />}
              {at.value !== undefined && <Decisions />}
            </div>
            <History />
          </div>
        )}
      </main>
      {help && <KeysDialog onClose={() => setHelp(false)} />}
    </>
  );
}

function Progress() {
  const total = queue.value.length;
  const done = total - open.value.length;
  const left = pace.value === undefined ? undefined : (pace.value * open.value.length) / 60;
  return (
    <span class="progress">
      <progress value={done} max={Math.max(1, total)} aria-label="Decided" />
      <span class="soft">
        {done} of {total}
        {pace.value !== undefined && `, ${pace.value.toFixed(0)} s each`}
        {left !== undefined && left >= 1 && `, about ${left.toFixed(0)} min left`}
      </span>
    </span>
  );
}

/** Several people may mark one file: each says who they are. */
function Who() {
  const { name, writesFile } = store.value!;
  return (
    <div class="who">
      <label>
        You are{' '}
        <input
          type="text"
          value={annotator.value}
          maxLength={80}
          placeholder="your name"
          onInput={({ currentTarget }) => {
            annotator.value = currentTarget.value.trim();
          }}
          onChange={() => show(open.value[0])}
        />
      </label>
      <span class="soft">
        {annotator.value === '' ? 'A name is needed before the first decision. ' : ''}
        {name}:{' '}
        {writesFile ? 'each decision is saved into the file.' : 'each decision is kept in this browser.'}
      </span>
      {!writesFile && (
        <button type="button" onClick={download}>
          Download
        </button>
      )}
    </div>
  );
}

function download(): void {
  const url = URL.createObjectURL(new Blob([textOf(rows.value)], { type: 'application/jsonl' }));
  Object.assign(document.createElement('a'), { href: url, download: store.value!.name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const Done = () => (
  <section class="card" aria-label="Done">
    <h2>Nothing is left to mark</h2>
    <p class="soft">All {queue.value.length} answers have your word. The last ten can still be changed.</p>
  </section>
);

function Open() {
  const input = useRef<HTMLInputElement>(null);
  return (
    <section class="card introduction" aria-label="Open a data set">
      <h2 class="title">Mark where answers go wrong</h2>
      <p class="lead">
        One answer a screen: go to the first wrong token, or say that there is none. That is what a judge head
        learns from. A data set is JSONL, as <code>judge train answers</code> writes it; it stays on this
        machine.
      </p>
      <div class="decisions">
        <button
          type="button"
          class="primary"
          onClick={async () => {
            if (!canWriteFiles()) return input.current?.click();
            const handle = await pickedHandle();
            if (handle) await openStore(handleStore(handle));
          }}
        >
          Open a data set…
        </button>
        {canWriteFiles() && (
          <button type="button" onClick={() => input.current?.click()}>
            Open a copy, and download it later
          </button>
        )}
        <input
          ref={input}
          type="file"
          accept=".jsonl"
          class="hidden"
          tabIndex={-1}
          aria-label="A data set"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) void fileStore(file).then(openStore);
          }}
        />
      </div>
    </section>
  );
}
