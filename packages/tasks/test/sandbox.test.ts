import { existsSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type MechanismName, openSandbox, type ProgramResult, type Sandbox } from '../src/sandbox/index.ts';

/** Programs are hostile: limits are small, so that what runs into them does so soon. Those that end by themselves get time. */
const limits = {
  milliseconds: 120_000,
  memoryBytes: 256 * 2 ** 20,
  processes: 16,
  outputBytes: 64 * 1024,
  scratchBytes: 4 * 2 ** 20,
};

/** For programs that would never end. */
const brief = { ...limits, milliseconds: 4000 };
/** Milliseconds in which whatever is killed is gone, on a machine that has other things to do. */
const GONE = 60_000;

const opened: (readonly [sandbox: Sandbox, hurried: Sandbox])[] = [];
for (const mechanism of ['bubblewrap', 'namespaces'] as const satisfies readonly MechanismName[]) {
  try {
    const sandbox = await openSandbox({ mechanism, limits });
    await sandbox.run({ language: 'python', source: '' });
    opened.push([sandbox, await openSandbox({ mechanism, limits: brief })]);
  } catch (error) {
    console.info(`Sandbox tests of ${mechanism} are left out: ${(error as Error).message}`);
  }
}

/** A mark that no other process has in its command line. */
const mark = () => `mark_${Math.random().toString(36).slice(2)}`;
const processesWith = (word: string): number =>
  readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandOf(name).includes(word)).length;
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // it has ended meanwhile
    return '';
  }
}

/** On this machine, outside: what a program must not find, read, change or reach. */
const outside = mkdtempSync(join(tmpdir(), 'judge-sandbox-test-'));
writeFileSync(join(outside, 'secret'), 'do not read me');
let server: Server;
let port: number;
let connections = 0;

beforeAll(async () => {
  process.env.JUDGE_TEST_SECRET = 'do not read me either';
  server = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => {
  delete process.env.JUDGE_TEST_SECRET;
  server.close();
});

describe.each(opened.map((both) => [both[0].mechanism, ...both] as const))('in %s', (_, sandbox, hurried) => {
  const python = (source: string): Promise<ProgramResult> => sandbox.run({ language: 'python', source });
  const hurriedPython = (source: string): Promise<ProgramResult> =>
    hurried.run({ language: 'python', source });

  test('a program in TypeScript runs without its types, on every Node', async () => {
    const source = `interface Pair<T> { readonly left: T; right?: T }
enum Side { Left, Right }
const pair = { left: 4 } satisfies Pair<number>;
function twice<T extends number>(value: T): number { return (value as number) * 2; }
console.log(twice(pair.left!), Side[Side.Right]);`;
    expect(await sandbox.run({ language: 'typescript', source })).toMatchObject({
      ending: 'exited',
      exitCode: 0,
      stdout: '8 Right\n',
    });
    const broken = await sandbox.run({ language: 'typescript', source: 'const x: = 3' });
    expect(broken).toMatchObject({ ending: 'exited', exitCode: 1 });
    expect(broken.stderr).toContain('SyntaxError');
  });

  test('a program runs, writes into its scratch folder, and says how it went', async () => {
    const good = await python('open("a", "w").write("x" * 1000)\nprint(open("/tmp/a").read()[:3])');
    expect(good).toMatchObject({ ending: 'exited', exitCode: 0, stdout: 'xxx\n' });
    const bad = await python('assert 1 == 2, "one is not two"');
    expect(bad).toMatchObject({ ending: 'exited', exitCode: 1 });
    expect(bad.stderr).toContain('one is not two');
  });

  test('JavaScript runs, too', async () => {
    const result = await sandbox.run({
      language: 'javascript',
      source: 'require("node:assert").deepEqual([1, [2]], [1, [2]]); console.log(6 * 7)',
    });
    expect(result).toMatchObject({ ending: 'exited', exitCode: 0, stdout: '42\n' });
  });

  test('nothing of one run is there in the next', async () => {
    await python('open("left", "w").write("x")');
    const { stdout } = await python('import os; print(os.listdir("."))');
    expect(stdout).toBe('[]\n');
  });

  test('a fork bomb runs into its limit and leaves nobody behind', async () => {
    const word = mark();
    const result = await hurriedPython(`
# ${word}
import os, time, sys
sys.argv[0] = '${word}'
while True:
    try:
        os.fork()
    except OSError:
        time.sleep(0.01)
`);
    expect(['timeout', 'processes']).toContain(result.ending);
    expect(result.milliseconds).toBeLessThan(brief.milliseconds + GONE);
    const { stdout } = await python('print("still here")');
    expect(stdout).toBe('still here\n');
  });

  test('a memory bomb is refused or ended', async () => {
    const { ending, exitCode, stderr } = await python('x = []\nwhile True: x.append(bytearray(8_000_000))');
    expect(ending === 'memory' || (exitCode === 1 && stderr.includes('MemoryError'))).toBe(true);
  });

  test('so is one whose memory is spread over processes', async () => {
    const { ending } = await python(`
import os, time
for i in range(8):
    if os.fork() == 0:
        x = bytearray(100_000_000)
        for at in range(0, len(x), 4096): x[at] = 1
        time.sleep(60)
time.sleep(60)
`);
    expect(ending).toBe('memory');
  });

  test('a scratch folder that is written full is full, and holds no more', async () => {
    const { stdout } = await python(`
size = 0
try:
    with open("big", "wb") as file:
        while True: size += file.write(b"x" * 65536)
except OSError as error:
    print(error.errno, size < 8_000_000)
`);
    expect(stdout).toMatch(/^(28|27) True\n$/);
  });

  test('endless output is cut and ended', async () => {
    const { ending, stdout, milliseconds } = await python('while True: print("y" * 1000)');
    expect(ending).toBe('output');
    expect(stdout.length).toBeLessThanOrEqual(limits.outputBytes);
    expect(milliseconds).toBeLessThan(limits.milliseconds);
  });

  test('a program that ignores SIGTERM ends when its time is over', async () => {
    const { ending, milliseconds } = await hurriedPython(`
import signal, time
for number in range(1, 32):
    if number not in (signal.SIGKILL, signal.SIGSTOP): signal.signal(number, signal.SIG_IGN)
while True: time.sleep(1)
`);
    expect(ending).toBe('timeout');
    expect(milliseconds).toBeLessThan(brief.milliseconds + GONE);
  });

  test('a child that lives on in a session of its own dies with its program', async () => {
    const word = mark();
    const { ending } = await hurriedPython(`
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv("/bin/sh", ["/bin/sh", "-c", "while :; do sleep 1; done # ${word}"])
time.sleep(0.5)
`);
    // it holds the output open: either the program's end took it along, or its time did
    expect(['exited', 'timeout']).toContain(ending);
    expect(processesWith(word)).toBe(0);
  });

  test.each([
    ['/etc/passwd', 'open("/etc/passwd").read()'],
    ['/etc/shadow', 'open("/etc/shadow").read()'],
    ['a file of ours', `open(${JSON.stringify(join(outside, 'secret'))}).read()`],
    ['the environment of others', 'open("/proc/1/environ").read()'],
    ['its own image of the disk', 'open("/dev/sda", "rb").read(1)'],
    ['memory of the kernel', 'open("/dev/mem", "rb").read(1)'],
  ])('%s cannot be read', async (_, read) => {
    const { exitCode, stderr } = await python(`print(${read})`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/No such file|Permission denied|Not a directory/);
  });

  test('no variable of ours is in its environment', async () => {
    const { stdout } = await python('import os; print(sorted(os.environ))');
    expect(stdout).not.toContain('JUDGE_TEST_SECRET');
    expect(stdout).toContain('PATH');
  });

  test('there is no network, not even to this machine', async () => {
    const before = connections;
    const { exitCode, stderr } = await python(`
import socket
socket.create_connection(("127.0.0.1", ${port}), timeout=2)
`);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/refused|unreachable|No route/i);
    const outward = await python('import socket; socket.create_connection(("1.1.1.1", 80), timeout=2)');
    expect(outward.stderr).toMatch(/unreachable|No route|refused/i);
    expect(connections).toBe(before);
  });

  test('its parent and everybody outside are out of its reach', async () => {
    const { stdout } = await python(`
import os, signal
outcomes = []
for pid in [os.getppid(), 1, ${process.pid}, ${process.ppid}]:
    try:
        os.kill(pid, signal.SIGKILL) if pid not in (0, os.getpid()) else None
        outcomes.append("sent")
    except OSError as error:
        outcomes.append(type(error).__name__)
print(outcomes[2:], os.getpid() < 100)
`);
    // whatever it did inside, we are here to tell
    expect(process.kill(process.pid, 0)).toBe(true);
    if (stdout !== '') expect(stdout).toBe("['ProcessLookupError', 'ProcessLookupError'] True\n");
  });

  test.each([
    ['/usr', 'open("/usr/judge-was-here", "w")'],
    ['the root', 'open("/judge-was-here", "w")'],
    ['/dev', 'open("/dev/judge-was-here", "w")'],
    ['a folder of ours', `open(${JSON.stringify(join(outside, 'new'))}, "w")`],
    ['the interpreter', 'import os, sys; os.rename(sys.executable, sys.executable + ".old")'],
  ])('%s cannot be written to', async (_, write) => {
    const { exitCode, stderr } = await python(write);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/Read-only|No such file|Permission denied/);
    expect(existsSync('/usr/judge-was-here') || existsSync('/judge-was-here')).toBe(false);
  });

  test('a symbolic link leads nowhere', async () => {
    symlinkSync(join(outside, 'secret'), join(outside, `link-${sandbox.mechanism}`));
    const { stdout } = await python(`
import os
os.symlink(${JSON.stringify(join(outside, 'secret'))}, "link")
os.symlink("/proc/self/root/etc/passwd", "other")
for name in ["link", "other"]:
    try:
        open(name, "w").write("changed")
        print("written")
    except OSError as error:
        print(type(error).__name__)
    try:
        print(open(name).read())
    except OSError as error:
        print(type(error).__name__)
`);
    expect(stdout).not.toContain('do not');
    expect(stdout).not.toContain('written');
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('do not read me');
  });

  test('limits cannot be raised, and there is no namespace to hide in', async () => {
    const { stdout } = await python(`
import ctypes, os, resource
try:
    resource.setrlimit(resource.RLIMIT_DATA, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("raised")
except (ValueError, OSError):
    print("kept")
libc = ctypes.CDLL(None, use_errno=True)
print("in" if libc.unshare(0x10000000) == 0 else "out")
print("mounted" if libc.mount(b"none", b"/scratch", b"tmpfs", 0, None) == 0 else "not mounted")
print("chrooted" if libc.chroot(b"/scratch") == 0 else "not chrooted")
`);
    expect(stdout).toBe('kept\nout\nnot mounted\nnot chrooted\n');
  });

  test('a program that reads no input and one that is not text end like any other', async () => {
    const large = await python(`${'#'.repeat(2_000_000)}\nprint(1)`);
    expect(large.stdout).toBe('1\n');
    expect((await python('\u0000\u0001')).ending).toBe('exited');
  });
});

test('what cannot be had is refused by name, and nothing runs unconfined by itself', async () => {
  const opening = openSandbox({ mechanism: 'cage' as MechanismName });
  await expect(opening).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'unsupported'));
  await expect(opening).rejects.toThrow('cage');
  await expect(openSandbox({ limits: { milliseconds: 0 } })).rejects.toThrow('milliseconds');
});

test('unconfined, time and output are limited all the same', async () => {
  const { run, mechanism } = await openSandbox({ mechanism: 'none', limits });
  const hurried = await openSandbox({ mechanism: 'none', limits: brief });
  const script = (source: string) => ({ language: 'javascript', source }) as const;
  expect(mechanism).toBe('none');
  expect(await run(script('console.log(1)'))).toMatchObject({ exitCode: 0, stdout: '1\n' });
  expect((await hurried.run(script('for (;;);'))).ending).toBe('timeout');
  expect((await run(script('for (;;) require("node:fs").writeSync(1, "y".repeat(1000))'))).ending).toBe(
    'output',
  );
});
