import type { Needs } from './rule.ts';
import { exampleOf, HEAD_STAND_IN, type RuleRow } from './rule-row.ts';
import { valuesOf } from './rule-spec.ts';

/** What a row needs, and which decoding it is for, with its usual numbers. */
export interface RowNeeds extends Needs {
  readonly decoding: 'greedy' | 'sampling' | 'either';
  readonly head: boolean;
}

/** Asks the rule itself, built with its example numbers: needs are said in one place. */
export function needsOf(row: RuleRow): RowNeeds {
  const build = (temperature: number) =>
    row.build(valuesOf(row, exampleOf(row)), { sampling: { temperature }, head: HEAD_STAND_IN });
  const [greedy, sampling] = [build(0), build(1)];
  return {
    ...greedy.needs,
    // a row that builds one base or another takes both
    decoding: greedy.decoding === sampling.decoding ? greedy.decoding : 'either',
    head: row.kind === 'admission' && row.needsHead === true,
  };
}

/** "argmax, the 3 likeliest tokens; greedy only", for tables and help. */
export function sayNeeds(row: RuleRow): string {
  const { target, draft, decoding, head } = needsOf(row);
  const outputs = [
    target.argmax ? 'argmax' : undefined,
    target.chosen ? 'the token’s probability' : undefined,
    target.top === undefined
      ? undefined
      : target.top === 1
        ? 'the likeliest token'
        : `the ${target.top} likeliest tokens`,
    target.hidden ? 'hidden states' : undefined,
    target.logits ? 'all logits' : undefined,
    head ? 'a judge head' : undefined,
    draft === 'nothing'
      ? undefined
      : `the draft’s distribution${draft === 'full' ? ' (a look-up has none)' : ''}`,
  ].filter((each) => each !== undefined);
  const needs = outputs.length === 0 ? 'nothing' : outputs.join(', ');
  return decoding === 'either' ? needs : `${needs}; ${decoding} only`;
}
