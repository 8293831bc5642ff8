import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { buildStandIn, compiler, NO_COMPILER } from '../../../packages/backend-cuda/test/stand-in.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

if (compiler === undefined) {
  test(`parts over the stand-in: ${NO_COMPILER}`, () => console.log(`gpu-report: ${NO_COMPILER}`));
} else {
  const library = buildStandIn();
  const out = mkdtempSync(join(tmpdir(), 'judge-gpu-report-'));
  const run = (part: string) =>
    execFileSync(
      process.execPath,
      [
        ...['--import', 'tsx', '--conditions=@judge-decoding/source', main],
        ...[part, '--quick', '--library', library, '--out', out],
      ],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('..', import.meta.url)) },
    );

  test('parts run, and a second run has nothing left to do', () => {
    for (const part of ['rows', 'speed', 'sessions', 'open', 'faults']) {
      expect(run(part)).toContain('report.md');
      expect(run(part)).toContain('done before');
    }
    const { engines, parts } = JSON.parse(readFileSync(join(out, 'report.json'), 'utf8'));
    expect(engines).toHaveLength(1);
    const items = (name: string) =>
      Object.values(parts.find(({ part }: { part: string }) => part === name).items) as Record<
        string,
        unknown
      >[];
    for (const { differ, compared } of items('rows')) {
      expect(differ).toBe(0);
      expect(compared).toBeGreaterThanOrEqual(1000);
    }
    // longer than what is read behind the context
    expect(items('speed')[0]!.prefill).toMatchObject({ tokens: 200 });
    for (const { outcome, seen } of items('faults'))
      expect([outcome, seen]).toEqual(['kept', expect.any(String)]);
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    for (const heading of ['## speed', '## sessions', '## open', '## rows', '## faults'])
      expect(report).toContain(heading);
    expect(report).toContain('which is assumed');
  });

  test('models over ranks agree with one rank, and the planner’s word stands beside', () => {
    expect(run('several')).toContain('report.md');
    const report = readFileSync(join(out, 'report.md'), 'utf8');
    expect(report).toContain('## several');
    expect(report).toContain('cuda:0,0,0,0,0,0,0,0');
    expect(report).not.toMatch(/\| NO \||OTHER BITS/);
  });
}
