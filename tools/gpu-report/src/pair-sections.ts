import type { HeadResult } from './heads.ts';
import { table } from './markdown.ts';
import { NOT_RECORDED, shortWeights } from './pair-of.ts';
import type { TextsResult } from './texts.ts';

type Items = readonly (readonly [string, unknown])[];

const whole = (value: number): string => value.toLocaleString('en-US');

/** What `texts` found, a row a pair and type of weights. */
export function textsSection(items: Items): string {
  const by = new Map<string, TextsResult[]>();
  for (const [, item] of items) {
    const result = item as TextsResult;
    const key = `${result.pair ?? NOT_RECORDED},${result.dtype}`;
    by.set(key, [...(by.get(key) ?? []), result]);
  }
  const sum = (list: readonly TextsResult[], of: (result: TextsResult) => number) =>
    list.reduce((total, result) => total + of(result), 0);
  return [
    'Problems of a pocket pair (told by the weights of target and draft): strict decoding against plain decoding of the target, token for token.',
    table(
      ['pair', 'dtype', 'texts', 'tokens', 'differ', 'answers right', 'drafts accepted'],
      [...by].map(([key, list]) => {
        const [count, tokens] = [sum(list, ({ texts }) => texts), sum(list, (result) => result.tokens)];
        return [
          ...key.split(','),
          whole(count),
          whole(tokens),
          whole(sum(list, ({ differ }) => differ.length)),
          `${((100 * sum(list, ({ right }) => right)) / count).toFixed(1)} %`,
          `${((100 * sum(list, ({ accepted }) => accepted)) / list.length).toFixed(1)} %`,
        ];
      }),
    ),
  ].join('\n\n');
}

/** What `heads` found, a row a threshold tried. */
export function headsSection(items: Items): string {
  const results = items.map(([, item]) => item as HeadResult);
  return [
    'The pocket pair’s heads in types that this engine runs, on calibration problems: ROC-AUC over drafted tokens that standard verification rejects, and what each threshold does to answers; the last one is listed in the head file.',
    table(
      [
        'target',
        'dtype',
        'head',
        'tokens asked about',
        'ROC-AUC',
        'threshold',
        'accepted of 16',
        'right',
        'target right',
        'lost',
      ],
      results.flatMap(({ head, weights, entry, asked, tried, targetRight, problems }) =>
        tried.map(({ threshold, accepted, right, lost }) => [
          shortWeights(weights),
          entry.dtype,
          head,
          whole(asked),
          entry.metrics['ROC-AUC where standard verification rejects']!.toFixed(4),
          threshold.toFixed(4),
          accepted.toFixed(2),
          `${right} of ${problems}`,
          String(targetRight),
          String(lost),
        ]),
      ),
    ),
  ].join('\n\n');
}
