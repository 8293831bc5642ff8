import { readFile } from 'node:fs/promises';
import { parseTrace } from '@judge-decoding/trace';
import { describe, test } from 'vitest';
import type { OnPage } from '../describe-page.ts';

export const stepTests = (on: OnPage) =>
  describe('the step viewer', () => {
    const { button, open, answer, soon, soonCount, copied } = on;

    test('a trace that was saved is stepped through, with another threshold, and as a link', async () => {
      await on.context.grantPermissions(['clipboard-read', 'clipboard-write']);
      await open();
      await answer();
      const [download] = await Promise.all([on.page.waitForEvent('download'), button('Save trace').click()]);
      const json = await readFile(await download.path(), 'utf8');
      const trace = parseTrace(json, 'trace.json');

      await open('#/steps');
      await on.page.reload();
      await on.page
        .locator('input[type=file]')
        .setInputFiles({ name: 'trace.json', mimeType: 'application/json', buffer: Buffer.from(json) });
      await on.page.getByText(`Round 1 of ${trace.rounds.length}`).waitFor();
      await button('Next round').click();
      await on.page.getByText(`Round 2 of ${trace.rounds.length}`).waitFor();
      const another = on.page.getByLabel('Another threshold');
      await soon(another).toContain('counterfactual');
      const slider = another.getByRole('slider');
      await slider.focus();
      await on.page.keyboard.press('End');
      const mean = (counts: readonly number[]) =>
        (counts.reduce((a, b) => a + b, 0) / counts.length).toFixed(2);
      const then = mean(
        trace.rounds.map(
          ({ tokens }) => tokens.filter(({ source }) => !['recovered', 'bonus'].includes(source)).length,
        ),
      );
      await soon(another).toContain(`accepted a round instead of ${then}`);
      // threshold 1 is strict: no admission is left
      await soonCount('.instead .admitted').toBe(0);
      await button(/^back to/).click();
      await soon(another).toContain('as it was decided');

      const link = await copied('Copy as link');
      await on.page.goto('about:blank');
      await on.page.goto(link);
      await on.page.getByText(`Round 1 of ${trace.rounds.length}`).waitFor();
    });

    const refusals: readonly (readonly [string, string, RegExp])[] = [
      [
        'an older version',
        '{"format":"judge-decoding.trace","version":1}',
        /of version 1, this reader knows versions? 2/,
      ],
      ['a later version', '{"format":"judge-decoding.trace","version":9}', /of version 9/],
      ['no JSON', 'GGUF\u0000', /is no trace of judge decoding: it is not JSON/],
      ['something else', '{"messages":[]}', /its format is missing/],
    ];
    test('traces of other versions, and what is none, are refused with a sentence', async () => {
      await open('#/steps');
      // one after another: each has a sentence that the one before it has not
      for (const [what, text, message] of refusals) {
        const file = { name: `${what}.json`, mimeType: 'application/json', buffer: Buffer.from(text) };
        await on.page.locator('input[type=file]').setInputFiles(file);
        await soon(on.page.getByRole('alert')).toMatch(message);
      }
    });

    test('links with damaged traces are refused with a sentence', async () => {
      for (const link of [
        '#/steps?packed=AAAA',
        '#/steps?packed=%25%25',
        '#/steps?trace=javascript:alert(1)',
      ]) {
        await on.page.goto('about:blank');
        await open(link);
        await soon(on.page.getByRole('alert')).toMatch(/Expected an address|holds no trace/);
      }
    });
  });
