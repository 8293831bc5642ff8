/**
 * The playground from nothing to its first token: a profile without anything kept, and the same profile in a browser that is
 * started again. The click on Answer comes as soon as there is the button; times count from the navigation.
 *
 *     npm run -s cold-page -- [--visits 3] [--device wasm|webgpu] [--gpu]
 *
 * The page comes from this machine, so a network's own time is not in it: megabytes are what crossed it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { request as ask, createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openProfile, REAL_WEBGPU } from '@judge-decoding/browser';
import { openPlayground } from '@judge-decoding/playground';
import { median, printMachine } from './interleave.ts';
import { flag } from './workspace.ts';

const PROBLEM = 'Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?';
const visits = Number(flag('visits', '3'));
const device = flag('device', 'wasm');

interface Visit {
  readonly megabytes: number;
  /** Seconds from the navigation on. */
  readonly button: number;
  readonly first: number;
  readonly whole: number;
}

printMachine();
const playground = await openPlayground({ port: 0 });
const fetched = { bytes: 0 };
const counting = await countingProxy(playground.url);
const { port } = counting.address() as AddressInfo;
const cold: Visit[] = [];
const warm: Visit[] = [];
try {
  for (let turn = 0; turn < visits; turn++) {
    const profile = await mkdtemp(join(tmpdir(), 'judge-profile-'));
    try {
      cold.push(await visit(profile));
      warm.push(await visit(profile));
    } finally {
      await rm(profile, { recursive: true, force: true });
    }
  }
} finally {
  counting.close();
  await playground.close();
}
console.log(`\nthe playground, ${device}, ${visits} profiles; medians (smallest to largest)\n`);
console.log('| | fetched, MB | a button, s | first token, s | whole answer, s |');
console.log('| --- | ---: | ---: | ---: | ---: |');
for (const [name, all] of [
  ['nothing kept', cold],
  ['visited before', warm],
] as const) {
  const cell = (of: (visit: Visit) => number) => {
    const sorted = all.map(of).sort((a, b) => a - b);
    const middle = median({ name: '', samples: sorted, processor: [] });
    return `${middle.toFixed(2)} (${sorted[0]!.toFixed(2)}–${sorted.at(-1)!.toFixed(2)})`;
  };
  const cells = [
    cell(({ megabytes }) => megabytes),
    cell(({ button }) => button),
    cell(({ first }) => first),
    cell(({ whole }) => whole),
  ];
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}

async function visit(profile: string): Promise<Visit> {
  fetched.bytes = 0;
  const context = await openProfile(profile, process.argv.includes('--gpu') ? { args: REAL_WEBGPU } : {});
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.setDefaultTimeout(240_000);
    // what the translator of TypeScript puts around functions
    await page.addInitScript('globalThis.__name = (named) => named');
    await page.addInitScript(watch, device);
    await page.goto(`http://127.0.0.1:${port}/#/play?problem=${encodeURIComponent(PROBLEM)}`);
    await page.getByRole('button', { name: 'Step through' }).waitFor();
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
    const whole = await page.evaluate(() => performance.now());
    return {
      megabytes: fetched.bytes / 1e6,
      button: seen.button! / 1000,
      first: seen.first! / 1000,
      whole: whole / 1000,
    };
  } finally {
    await context.close();
  }
}

interface Seen {
  button?: number;
  first?: number;
}

/** In the page, before its own scripts: clicks as soon as there is something to click, and notes what is seen when. */
function watch(device: string): void {
  const seen: Seen = {};
  Object.assign(globalThis, { seen });
  const look = () => {
    const button = [...document.querySelectorAll('button')].find(
      (each) => each.textContent?.trim() === 'Answer' && !each.disabled,
    );
    if (button !== undefined && seen.button === undefined) {
      seen.button = performance.now();
      const runsOn = [...document.querySelectorAll('select')].find((each) =>
        [...each.options].some(({ value }) => value === 'webgpu'),
      );
      if (runsOn !== undefined && runsOn.value !== device) {
        runsOn.value = device;
        runsOn.dispatchEvent(new Event('change', { bubbles: true }));
      }
      button.click();
    }
    if (
      seen.first === undefined &&
      document.querySelector('[aria-label="Tokens of the answer"] [role="option"]') !== null
    )
      seen.first = performance.now();
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
}

/** Passes everything on, and counts the bytes of bodies. */
function countingProxy(to: string): Promise<Server> {
  const server = createServer((asked, answer) => {
    const onward = ask(
      new URL(asked.url ?? '/', to),
      { method: asked.method, headers: { ...asked.headers, host: new URL(to).host } },
      (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.on('data', (bytes: Uint8Array) => (fetched.bytes += bytes.length));
        got.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
