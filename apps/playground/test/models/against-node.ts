import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { targetFolder } from '@judge-decoding/pocket-pair';
import { parseTrace, type Trace } from '@judge-decoding/trace';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What the page saves of its answer. */
export async function savedTrace(page: Page): Promise<Trace> {
  const save = page.getByRole('button', { name: 'Save trace', exact: true });
  const [download] = await Promise.all([page.waitForEvent('download'), save.click()]);
  return parseTrace(await readFile(await download.path(), 'utf8'), 'trace.json');
}

/**
 * Holds an answer of the pocket pair (or another target) to the CPU backend, row by row. Forced decoding: both read the same text, so one difference
 * does not bring about the next.
 */
export async function ensureAsInNode(trace: Trace, target = targetFolder): Promise<void> {
  const { rows, alike } = await againstNode(trace, target);
  expect(rows).toBeGreaterThan(20);
  expect(alike / rows).toBeGreaterThanOrEqual(0.99);
}

/** How many rows of the page’s target there are, and in how many the CPU backend has the same favourite. */
async function againstNode(trace: Trace, target: string): Promise<{ rows: number; alike: number }> {
  const cacheFolder = await mkdtemp(join(tmpdir(), 'judge-page-node-'));
  const model = await cpuBackend({ cacheFolder }).open(target);
  try {
    const session = await model.openSession();
    const text = [...trace.prompt];
    let rows = 0;
    let alike = 0;
    for (const round of trace.rounds) {
      session.truncate(0);
      await session.forward(text.slice(0, -1), {});
      const { argmax } = await session.forward([...text.slice(-1), ...round.draft], { argmax: true });
      for (const [row, { choice }] of round.rows.entries()) {
        rows += 1;
        if (argmax[row] === choice) alike += 1;
      }
      text.push(...round.tokens.map(({ id }) => id));
    }
    return { rows, alike };
  } finally {
    await model.dispose();
    await rm(cacheFolder, { recursive: true });
  }
}
