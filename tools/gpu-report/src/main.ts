import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { devicesOf, engineAt, nativeEngine } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import { calibrate } from './calibrate.ts';
import { compare } from './compare.ts';
import { contract } from './contract.ts';
import { environmentOf, manifest } from './environment.ts';
import { faults } from './faults.ts';
import { heads } from './heads.ts';
import { joinRuns } from './join.ts';
import { listHeads } from './list-heads.ts';
import { merge } from './merge.ts';
import { open } from './open.ts';
import { prefill } from './prefill.ts';
import { profile } from './profile.ts';
import { PROFILED_PASS, profiledPass } from './profiled-pass.ts';
import { realPair } from './real-pair.ts';
import { replay } from './replay.ts';
import { rows } from './rows.ts';
import type { Part, RealPairFiles } from './run.ts';
import { sanitizer } from './sanitizer.ts';
import { sessions } from './sessions.ts';
import { several } from './several.ts';
import { speed } from './speed.ts';
import { Store } from './store.ts';
import { stories } from './stories.ts';
import { texts } from './texts.ts';
import { transformers } from './transformers.ts';

const PARTS: Readonly<Record<string, Part>> = {
  speed,
  prefill,
  sessions,
  open,
  rows,
  texts,
  heads,
  replay,
  'real-pair': realPair,
  stories,
  transformers,
  contract,
  sanitizer,
  faults,
  several,
  profile,
};

const USAGE = `gpu-report <${Object.keys(PARTS).join('|')}|merge|list-heads|calibrate> [options]
gpu-report join DIR... --out DIR   takes over what other runs of the same engine found
gpu-report compare DIR --out DIR   another build of the same sources (DIR) beside the one in --out: bits and times
gpu-report profiled-pass MODEL ROWS CONTEXT   one pass between the driver's calls for a profiler: what \`profile\` runs under ncu

  --out DIR        where parts and the report are kept (default: gpu-report)
  --library FILE   the engine's library (default: JUDGE_CUDA_LIBRARY, else the platform package's)
  --device cuda:N  (default: cuda:0); cuda:0,1 runs a part over both, as far as its models divide
  --gpus N         GPUs that \`several\` runs over (default: 2); with fewer, ranks share one
  --pair DIR       folder with the pocket pair's target, draft and heads
  --recorded FILE  what \`npm run record\` wrote, for \`replay\` (default: recorded.json beside the program)
  --target FILE, --draft FILE, --questions FILE  a pair of yours and what it is asked, for \`real-pair\`
  --stories DIR    folder of stories260K, see stories.ts
  --only TEXT      items whose name has it in it
  --clauses TEXT   clauses of \`contract\` whose id has it in it, as \`truncate/\`
  --slow           \`contract\` tries fewer numbers and cases and tells each clause: for tools under which all is slow
  --seconds N      begin nothing new after so long (default: 420); the next run goes on
  --quick          tiny shapes: tries the program, measures nothing
  --rows N         rows of each shape in \`rows --quick\` (default: 1000): for tools under which all is slow`;

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      out: { type: 'string', default: 'gpu-report' },
      library: { type: 'string' },
      device: { type: 'string', default: 'cuda:0' },
      gpus: { type: 'string', default: '2' },
      pair: { type: 'string' },
      recorded: { type: 'string' },
      target: { type: 'string' },
      draft: { type: 'string' },
      questions: { type: 'string' },
      stories: { type: 'string' },
      seconds: { type: 'string', default: '420' },
      only: { type: 'string', default: '' },
      clauses: { type: 'string', default: '' },
      slow: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rows: { type: 'string', default: '1000' },
      help: { type: 'boolean', default: false },
    },
  });
  const [name = ''] = positionals;
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (name === 'calibrate') {
    process.stdout.write(await calibrate(values.out));
    return 0;
  }
  if (name === 'merge') {
    console.log(await merge(values.out));
    return 0;
  }
  if (name === 'join') {
    console.log(await joinRuns(values.out, positionals.slice(1)));
    console.log(await merge(values.out));
    return 0;
  }
  if (name === 'compare' && positionals.length === 2) {
    console.log(await compare(values.out, positionals[1]!));
    return 0;
  }
  if (name === 'list-heads') {
    console.log(await listHeads(values.out, resolve(values.pair ?? defaultPair())));
    return 0;
  }
  const engineAsked = () =>
    values.library === undefined ? nativeEngine() : engineAt(resolve(values.library));
  if (name === PROFILED_PASS) {
    await profiledPass(await engineAsked(), values.device, positionals.slice(1));
    return 0;
  }
  const part = Object.hasOwn(PARTS, name) ? PARTS[name]! : undefined;
  if (part === undefined || positionals.length !== 1) {
    console.error(`Expected one part, got ${positionals.join(' ') || 'none'}.\n\n${USAGE}`);
    return 2;
  }
  const engine = await engineAsked();
  const of = await manifest();
  const environment = await environmentOf(engine, devicesOf(values.device)[0]!, of);
  const { quick } = values;
  const store = await Store.open(values.out, { part: name, engine: of.engine, quick, environment });
  console.log(`${name}: ${environment.gpu}, ${engine.build}, engine ${of.engine}, commit ${of.commit}`);
  let asked = values.only === '';
  const done = part({
    engine,
    device: values.device,
    gpus: Number(values.gpus),
    store,
    quick,
    quickRows: Number(values.rows),
    clauses: values.clauses,
    slow: values.slow,
    pair: resolve(values.pair ?? defaultPair()),
    recorded: resolve(values.recorded ?? beside('recorded.json')),
    realPair: realPairOf(values),
    stories: resolve(values.stories ?? beside('stories')),
    deadline: performance.now() + 1000 * Number(values.seconds),
    say: (line) => console.log(line),
    asks(item) {
      const isAsked = item.includes(values.only);
      asked ||= isAsked;
      return isAsked;
    },
  });
  // what was found stands in the report, also where an item failed
  await done.catch(() => undefined);
  console.log(await merge(values.out));
  await done;
  if (asked) return 0;
  console.error(
    `Expected --only with some of an item's name, got '${values.only}', which no item of ${name} has in its own.`,
  );
  return 2;
}

function realPairOf({ target, draft, questions }: Partial<Record<keyof RealPairFiles, string>>) {
  if (target === undefined || draft === undefined || questions === undefined) return undefined;
  return { target: resolve(target), draft: resolve(draft), questions: resolve(questions) };
}

const beside = (name: string): string => join(dirname(fileURLToPath(import.meta.url)), name);

/** Beside the bundled program, else in the repository. */
function defaultPair(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return here.endsWith('src') ? join(here, '../../../packages/pocket-pair') : join(here, 'pair');
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(JudgeDecodingError.is(error) ? error.message : error);
    process.exitCode = 1;
  },
);
