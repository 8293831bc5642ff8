import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { lineReader } from '../../src/run/line-reader.ts';
import type { Terminal } from '../../src/terminal.ts';

/** A keyboard, and what is seen of it. */
function keyboard() {
  const keys = new PassThrough();
  const raw: boolean[] = [];
  Object.assign(keys, { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  let seen = '';
  const sink = {
    isTerminal: true,
    columns: 60,
    write(text: string) {
      seen += text;
    },
  };
  const terminal: Terminal = {
    out: sink,
    err: sink,
    input: { isTerminal: true, stream: keys },
    env: {},
    onInterrupt: () => () => undefined,
    leave: () => undefined,
    now: () => 0,
  };
  const lines = lineReader(terminal, '> ');
  const typed = async (text: string) => {
    const next = lines.next();
    const before = seen.length;
    keys.write(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    return { read: await next, seen: seen.slice(before).replace(/\u001b\[\d*[A-Z]/g, '') };
  };
  return { typed, keys, lines, isRaw: () => raw.at(-1) };
}

test('every line is shown once, however many came before it', async () => {
  const { typed, isRaw } = keyboard();
  for (const text of ['first', 'second', 'third']) {
    const { read, seen } = await typed(`${text}\r`);
    expect(read).toEqual({ kind: 'line', text });
    expect(seen.trim()).toBe(text);
    // between lines Ctrl-C is a signal again
    expect(isRaw()).toBe(false);
  }
});

test('Ctrl-C and Ctrl-D at the prompt are told apart, and leave the line', async () => {
  const { typed, isRaw } = keyboard();
  expect((await typed('half\u0003')).read).toEqual({ kind: 'interrupt' });
  const { read, seen } = await typed('\u0004');
  expect(read).toEqual({ kind: 'end' });
  expect(seen.endsWith('\n')).toBe(true);
  expect(isRaw()).toBe(false);
});

test('arrow up brings an earlier line back', async () => {
  const { typed } = keyboard();
  await typed('again\r');
  expect((await typed('\u001b[A\r')).read).toEqual({ kind: 'line', text: 'again' });
});
