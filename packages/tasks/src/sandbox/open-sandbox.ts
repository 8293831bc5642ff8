import { JudgeDecodingError } from '@judge-decoding/core';
import { bubblewrap } from './bubblewrap.ts';
import { findExecutable, findInterpreter, type Interpreter } from './interpreter.ts';
import { checkLimits, DEFAULT_LIMITS, type Limits } from './limits.ts';
import { asNobody, environmentOf, type Mechanism, type MechanismName, underLimits } from './mechanism.ts';
import { namespaces } from './namespaces.ts';
import { runConfined } from './run-confined.ts';
import type { Language, Program, ProgramResult, RunProgram } from './run-program.ts';
import { withoutTypes } from './without-types.ts';

/** Limits for every program, and a mechanism to insist on. */
export interface SandboxOptions {
  readonly limits?: Partial<Limits>;
  /**
   * The best that works here when absent. `none` runs programs as they are, with limits but free to
   * read and write whatever you can: only for programs you trust.
   */
  readonly mechanism?: MechanismName;
}

/** What keeps programs in on this machine (mechanism, and what of it works), and how to run one there. */
export interface Sandbox {
  readonly mechanism: MechanismName;
  readonly detail: string;
  readonly limits: Limits;
  readonly run: RunProgram;
}

/**
 * Finds what can keep programs in and tries it. Where nothing can, it is an error of code
 * `unsupported`: programs are never run without saying so.
 */
export async function openSandbox({ limits: given, mechanism }: SandboxOptions = {}): Promise<Sandbox> {
  const limits = checkLimits({ ...DEFAULT_LIMITS, ...given });
  const found = await findMechanism(mechanism, limits);
  const interpreters = new Map<Language, Promise<Interpreter>>();
  const interpreterOf = (language: Language) => {
    const known = interpreters.get(language) ?? interpreterFor(found, language, limits);
    interpreters.set(language, known);
    return known;
  };
  return {
    mechanism: found.name,
    detail: found.detail,
    limits,
    run: async (program) => runIn(found, await interpreterOf(program.language), limits, program),
  };
}

const interpreterFor = (
  mechanism: Mechanism,
  language: Language,
  { memoryBytes }: Limits,
): Promise<Interpreter> =>
  findInterpreter(language, { heapBytes: memoryBytes, forEverybody: mechanism.asNobody });

async function runIn(
  mechanism: Mechanism,
  interpreter: Interpreter,
  limits: Limits,
  { language, source }: Program,
): Promise<ProgramResult> {
  let program = source;
  if (language === 'typescript') {
    try {
      program = await withoutTypes(source);
    } catch (error) {
      // as an interpreter would end on it
      const stderr = `SyntaxError: ${(error as Error).message}`;
      return { ending: 'exited', exitCode: 1, stdout: '', stderr, milliseconds: 0 };
    }
  }
  return runConfined(mechanism.confine(interpreter, limits), program, limits);
}

async function findMechanism(wanted: MechanismName | undefined, limits: Limits): Promise<Mechanism> {
  if (wanted === 'none') return unconfined();
  const tried: string[] = [];
  for (const candidate of await candidates()) {
    if (wanted !== undefined && candidate.name !== wanted) continue;
    const fault = await faultOf(candidate, limits);
    if (fault === undefined) return candidate;
    tried.push(`${candidate.detail}: ${fault}`);
  }
  const platform = process.platform === 'linux' ? '' : ` on ${process.platform}`;
  throw new JudgeDecodingError(
    'unsupported',
    `Expected ${wanted ?? 'bubblewrap or user namespaces'} to run model-written programs in, found none that works${platform}${tried.length === 0 ? '' : ` (${tried.join('; ')})`}. Install bubblewrap on Linux, choose a benchmark without programs, or run them unconfined if you trust them.`,
  );
}

/** Best first. Root's processes are counted by no limit, so root always becomes somebody else. */
async function candidates(): Promise<readonly Mechanism[]> {
  if (process.platform !== 'linux') return [];
  const [bwrap, unshare, setpriv, prlimit] = await Promise.all(
    ['bwrap', 'unshare', 'setpriv', 'prlimit'].map((name) =>
      findExecutable(name, '/usr/bin:/bin:/usr/sbin:/sbin'),
    ),
  );
  const isRoot = process.getuid?.() === 0;
  if (prlimit === undefined || (isRoot && setpriv === undefined)) return [];
  const as = isRoot ? { asNobody: () => asNobody(setpriv!) } : {};
  return [
    ...(bwrap === undefined ? [] : [bubblewrap({ bwrap, prlimit, ...as })]),
    ...(unshare === undefined || setpriv === undefined
      ? []
      : [namespaces({ unshare, setpriv, prlimit, ...as })]),
  ];
}

/** A program that looks around: what it must not find, and what must work. */
const LOOK_AROUND = `
const { existsSync, readdirSync, writeFileSync, readFileSync } = require('node:fs');
const { networkInterfaces } = require('node:os');
const found = [
  ...['/etc/passwd', '/home', '/root/.bashrc', '/proc/1/environ', '/sys/kernel'].filter(existsSync),
  ...Object.keys(networkInterfaces()).filter((name) => name !== 'lo'),
  ...(process.env.JUDGE_SANDBOX_PROBE ? ['environment'] : []),
];
writeFileSync('probe', 'written');
if (readFileSync('/tmp/probe', 'utf8') !== 'written') found.push('a scratch folder that forgets');
try { writeFileSync('/usr/judge-sandbox-probe', ''); found.push('/usr to write to'); } catch {}
console.log(found.length === 0 ? 'kept in' : 'it sees ' + found.join(', '));
`;

const LOOK_AROUND_IN_PYTHON = `
import os
found = [path for path in ['/etc/passwd', '/home', '/root/.bashrc', '/proc/1/environ'] if os.path.exists(path)]
print('kept in' if not found else 'it sees ' + ', '.join(found))
`;

/** Milliseconds; a busy machine takes seconds. */
const LONGEST_LOOK = 60_000;

/** Why a mechanism cannot be used, if so: every interpreter that is there must run in it, and see nothing. */
async function faultOf(mechanism: Mechanism, limits: Limits): Promise<string | undefined> {
  const programs: readonly Program[] = [
    // Node itself is the one interpreter that is always there
    { language: 'javascript', source: LOOK_AROUND },
    { language: 'python', source: LOOK_AROUND_IN_PYTHON },
  ];
  // how long an interpreter takes to start says nothing of what a sandbox keeps in
  const patient = { ...limits, milliseconds: Math.max(limits.milliseconds, LONGEST_LOOK) };
  for (const program of programs) {
    const interpreter = await interpreterFor(mechanism, program.language, limits).catch(() => undefined);
    // told when somebody asks for it
    if (interpreter === undefined) continue;
    const { ending, exitCode, stdout, stderr } = await runIn(mechanism, interpreter, patient, program);
    if (ending === 'exited' && exitCode === 0 && stdout.trim() === 'kept in') continue;
    const said = stdout.trim() || (stderr.trim().split('\n').at(-1) ?? '');
    return `${program.language}: ${said === '' ? `ended with ${exitCode ?? ending}` : said}`;
  }
  return undefined;
}

async function unconfined(): Promise<Mechanism> {
  const prlimit = await findExecutable('prlimit');
  return {
    name: 'none',
    detail: 'programs are run as they are',
    asNobody: false,
    confine(interpreter, limits) {
      const environment = Object.entries(environmentOf(interpreter)).map(
        ([name, value]) => `${name}=${value}`,
      );
      const program = [interpreter.command, ...interpreter.args];
      const limited =
        prlimit === undefined
          ? program
          : [...underLimits(prlimit, limits).filter((one) => !one.startsWith('--nproc')), ...program];
      return { command: '/usr/bin/env', args: ['-i', ...environment, ...limited] };
    },
  };
}
