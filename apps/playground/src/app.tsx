import { KeyboardHelp, type ShortcutGroup, ThemeSwitch, useShortcuts } from '@judge-decoding/page-parts';
import { useMemo, useState } from 'preact/hooks';
import { PlayView } from './play/play-view.tsx';
import { draw, stopAll } from './play/problem-box.tsx';
import { RaceView } from './race/race-view.tsx';
import { pin } from './state/look.ts';
import { race } from './state/race.ts';
import { go, VIEWS, type View, view } from './state/routes.ts';
import { answer, busy } from './state/runs.ts';
import { change, settings } from './state/settings.ts';
import { StepsView } from './steps/steps-view.tsx';

const SAID: Readonly<Record<View, string>> = { play: 'Play', race: 'Race', steps: 'Step viewer' };

export function App() {
  const [help, setHelp] = useState(false);
  const groups = useMemo(() => shortcuts(() => setHelp(true)), []);
  useShortcuts(groups);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <div class="inner">
          <a class="name" href="#/play">
            <svg viewBox="0 0 32 32" aria-hidden="true">
              <rect x="2" y="6" width="12" height="8" rx="2" class="s-standard" />
              <rect x="16" y="6" width="9" height="8" rx="2" class="s-judge" />
              <rect x="27" y="6" width="3" height="8" rx="1.5" class="s-target" />
              <rect x="2" y="18" width="7" height="8" rx="2" class="s-judge" />
              <rect x="11" y="18" width="14" height="8" rx="2" class="s-standard" />
              <rect x="27" y="18" width="3" height="8" rx="1.5" class="s-target" />
            </svg>
            <span>
              judge decoding <b>playground</b>
            </span>
          </a>
          <nav aria-label="Views">
            {VIEWS.map((name) => (
              <a key={name} href={`#/${name}`} aria-current={view.value === name ? 'page' : undefined}>
                {SAID[name]}
              </a>
            ))}
          </nav>
          <div class="tools">
            <ThemeSwitch />
            <button
              type="button"
              class="quiet"
              aria-label="Keys"
              title="Keys (?)"
              onClick={() => setHelp(true)}
            >
              ?
            </button>
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <h1 class="hidden">Judge decoding playground: {SAID[view.value]}</h1>
        {view.value === 'play' && <PlayView />}
        {view.value === 'race' && <RaceView />}
        {view.value === 'steps' && <StepsView />}
      </main>
      <footer class="bottom soft">
        Everything runs on this machine: models, problems and traces go nowhere. Judge mode is lossy: it may
        write another text than the target, and once in a while another answer.{' '}
        <a href="https://github.com/judge-decoding/judge-decoding">Source and paper</a>
      </footer>
      {help && <KeyboardHelp groups={groups} onClose={() => setHelp(false)} />}
    </>
  );
}

const shortcuts = (onHelp: () => void): readonly ShortcutGroup[] => [
  {
    title: 'Everywhere',
    shortcuts: [
      { key: '1', does: 'Play', run: () => go('play') },
      { key: '2', does: 'Race', run: () => go('race') },
      { key: '3', does: 'Step viewer', run: () => go('steps') },
      {
        key: 'a',
        does: 'answer the problem, or start the race; stop what runs',
        run: () => {
          if (busy.value) stopAll();
          else void (view.value === 'race' ? race() : answer());
        },
      },
      { key: 'd', does: 'draw another problem', run: () => draw() },
      { key: 's', does: 'show special tokens', run: () => change({ special: !settings.value.special }) },
      { key: 'Escape', does: 'let go of a token', run: () => pin(undefined) },
      { key: '?', does: 'this list', run: onHelp },
    ],
  },
  {
    title: 'In a text',
    shortcuts: [
      { key: 'ArrowLeft ArrowRight', does: 'from token to token' },
      { key: 'ArrowUp ArrowDown', does: 'ten tokens' },
      { key: 'n p', does: 'the next, or last, that is marked' },
      { key: 'Enter', does: 'keep it in view; force a rejected one' },
    ],
  },
];
