import '@judge-decoding/page-parts/theme.css';
import '@judge-decoding/page-parts/layout.css';
import './styles/page.css';
import './styles/play.css';
import './styles/race.css';
import './styles/steps.css';
import { applyTheme } from '@judge-decoding/page-parts';
import { render } from 'preact';
import { App } from './app.tsx';
import { keepOffline } from './offline/register.ts';
import { showFirst } from './play/problem-box.tsx';
import { openPackedTrace, openTraceAt } from './state/opened-trace.ts';
import { MOST_CHARACTERS } from './state/problems.ts';
import { readLink } from './state/routes.ts';
import { problem } from './state/runs.ts';
import { keepSettings } from './state/settings.ts';

applyTheme();
followLink();
addEventListener('hashchange', followLink);
keepSettings();
if (problem.value === '') showFirst();
render(<App />, document.getElementById('app')!);
keepOffline();

/** What the link asks for: a view, settings, a problem, a trace. */
function followLink(): void {
  const asked = readLink(location.hash);
  if (asked.problem !== undefined) problem.value = asked.problem.slice(0, MOST_CHARACTERS);
  if (asked.traceAddress !== undefined) void openTraceAt(asked.traceAddress);
  if (asked.tracePacked !== undefined) void openPackedTrace(asked.tracePacked);
}
