import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutTelemetry } from '../src/no-telemetry.ts';
import { openInProcess } from './opener-process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-telemetry-'));
  await makeTinyCheckpoint(join(folder, 'model'), {});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a model opens behind a long command line, and ONNX Runtime keeps no record of it', () => {
  // where the variable CI is set there is no telemetry anyway, and this would prove nothing
  const { CI: _ci, ORT_DISABLE_TELEMETRY: _set, ...env } = process.env;
  const { status, signal, stderr } = openInProcess(
    [join(folder, 'model'), join(folder, 'cache'), 'a long prompt '.repeat(2000)],
    { ...env, HOME: folder, XDG_CACHE_HOME: join(folder, 'home-cache') },
  );
  expect([status, signal], stderr).toEqual([0, null]);
  const kept = [join(folder, '.cache'), join(folder, 'home-cache')].filter((path) => existsSync(path));
  expect(kept).toEqual([]);
});

test('who has decided otherwise is heard', () => {
  const env = { ORT_DISABLE_TELEMETRY: '' };
  withoutTelemetry(env);
  expect(env.ORT_DISABLE_TELEMETRY).toBe('');
});
