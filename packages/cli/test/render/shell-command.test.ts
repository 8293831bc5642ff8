import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { commandLines, flagOf, quoted } from '../../src/render/shell-command.ts';

const WORDS = ['plain', 'two words', "it's", '$HOME', 'a;b', '', 'heads/my head.safetensors', '-n', '"'];

test('a word means itself to a shell', () => {
  if (process.platform === 'win32') return;
  const { stdout } = spawnSync('sh', ['-c', `printf '%s\\n' ${WORDS.map(quoted).join(' ')}`]);
  expect(stdout.toString().split('\n').slice(0, -1)).toEqual(WORDS);
});

test('a flag without a value is left out', () => {
  expect(flagOf('--head', undefined)).toBe('');
  expect(flagOf('--head', 'my head')).toBe(" --head 'my head'");
});

test.each([20, 40, 80])('lines of %i columns are one command to a shell', (columns) => {
  const args = ['--target', 'models/target', '--head', 'out/of the/way.safetensors', '--out', 'results'];
  const lines = commandLines(`echo${args.map((word) => ` ${quoted(word)}`).join('')}`, columns);
  expect(lines.slice(0, -1).every((line) => line.endsWith(' \\'))).toBe(true);
  if (columns === 40) expect(lines.length).toBeGreaterThan(2);
  if (process.platform === 'win32') return;
  const { stdout } = spawnSync('sh', ['-c', lines.map((line) => `  ${line}`).join('\n')]);
  expect(stdout.toString()).toBe(`${args.join(' ')}\n`);
});
