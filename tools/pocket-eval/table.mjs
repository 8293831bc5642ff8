/**
 * The pocket table, as settings of `judge`: three steps into one result folder, each continued where it was stopped.
 *
 *     node tools/pocket-eval/table.mjs quality --out results/pocket --processes 32   # shared among processes
 *     node tools/pocket-eval/table.mjs speed --out results/pocket                    # alone on the machine, 6 minutes
 *     node tools/pocket-eval/table.mjs report --out results/pocket
 *
 * Quality and speed may be measured into folders of their own, on two machines, and `judge report --merge` joins them.
 * `--split dev` and smaller `--problems` and `--sweep` are for trying it. Whatever follows `--` goes to judge.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Asked on every problem. */
const HEADLINE = 'plain,strict,judge,kl:0.3,fly,mars,oracle,draft';
/** One rule at several numbers is a curve; asked on the first of the problems. */
const SWEEP = [
  'judge:0.3,judge:0.5,judge:0.7,judge:0.8,judge:0.9,judge:0.95,judge:0.97,judge:0.99,judge:0.995,judge:0.999',
  'kl:0.1,kl:1,kl:3,kl:6',
  'fly:3,0.3,fly:5,0.3,fly:3,1',
  'mars:0.3,mars:0.5,mars:0.7,mars:0.8',
  'margin:2,margin:4,margin:5,margin:6',
  'topk:2,topk:3,topk:4,topk:5',
  'typical,typical:0.02,0.05,relaxed,relaxed:10,0.9,relaxed:10,0.99',
  'cascade:0.5,cascade:0.9,cascade:0.95,cascade:0.98',
  'floor:0.005,floor:0.01,floor:0.02,floor:0.03,floor:0.05,everything',
].join(',');

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: 'string', default: 'results/pocket' },
    split: { type: 'string', default: 'test' },
    /** Of all domains together, a third each. */
    problems: { type: 'string', default: '3000' },
    sweep: { type: 'string', default: '300' },
    timed: { type: 'string', default: '21' },
    processes: { type: 'string', default: '1' },
  },
});
const [step, ...more] = positionals;

const local = (path) => fileURLToPath(new URL(path, import.meta.url));
// beside it in an archive of tools/portable, else the clone's
const program = existsSync(local('program/judge.js'))
  ? local('program/judge.js')
  : local('../../packages/cli/bin/judge.mjs');

async function judge(...argv) {
  const child = spawn(process.execPath, [program, ...argv, ...more], { stdio: 'inherit' });
  // a terminal tells both; whoever ends this process alone means the other, too
  const pass = (signal) => child.kill(signal);
  process.on('SIGTERM', pass);
  process.on('SIGINT', () => undefined);
  const [status] = await once(child, 'exit');
  process.off('SIGTERM', pass);
  if (status !== 0) process.exit(status ?? 1);
}

// margin, length and what else all rows share is stated before the first row
const shared = ['--out', values.out, '--split', values.split, '--margin', '1'];
const measured = ['--draft-lengths', '16', '--max-tokens', '850'];

switch (step) {
  case 'quality':
    for (const [arms, problems] of [
      [HEADLINE, values.problems],
      [SWEEP, values.sweep],
    ])
      await judge(
        ...['eval', ...shared, ...measured, '--arms', arms, '--problems', problems],
        // texts need no times: what one arm has read the others need not read again
        ...['--share-readings', '--threads', '1', '--processes', values.processes],
      );
    break;
  case 'speed':
    // problems of their own: a row is of one machine
    await judge(
      ...['bench', ...shared, ...measured, '--arms', `${HEADLINE},${SWEEP}`],
      ...['--from', values.problems, '--problems', values.timed, '--repeats', '1', '--warm-ups', '1'],
    );
    break;
  case 'report':
    await judge('report', values.out);
    break;
  default:
    console.error('Expected one of quality, speed and report, and --out FOLDER.');
    process.exit(2);
}
