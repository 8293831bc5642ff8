import '@judge-decoding/page-parts/theme.css';
import '@judge-decoding/page-parts/layout.css';
import './page.css';
import { applyTheme } from '@judge-decoding/page-parts';
import { render } from 'preact';
import { App } from './app.tsx';
import { openStore } from './state.ts';
import { keptStore, servedStore } from './store.ts';

applyTheme();
const found = (await servedStore()) ?? (await keptStore());
if (found !== undefined) await openStore(found);
render(<App />, document.getElementById('app')!);
