import {
  drawn,
  escaped,
  figure,
  NARROW,
  page,
  paragraph,
  section,
  type Table,
  tableHtml,
  WIDE,
} from '@judge-decoding/eval/page';
import * as Plot from '@observablehq/plot';
import { ABLATION_GROUPS, type Ablation } from '../fit/ablations.ts';
import type { Curves } from '../fit/curves.ts';
import { area, between, percent, sayHead, type TrainReport } from './train-report.ts';

/** The training as one page: no script, nothing from elsewhere. The same report gives the same bytes. */
export function trainReportPage(report: TrainReport): string {
  const { title, facts, fit, ablations, notes } = report;
  const [first] = fit.heads;
  return page(title, [
    `<h1>${escaped(title)}</h1>`,
    `<div class="verdict">${fit.heads.map((head) => paragraph(sayHead(head))).join('')}</div>`,
    tableHtml(headTable(report)),
    ...(first === undefined ? [] : [curveSection(first.name, first.curves)]),
    ...((report.domains ?? []).length === 0 ? [] : [tableHtml(domainTable(report))]),
    tableHtml(controlTable(report)),
    ...(ablations.length === 0
      ? []
      : [learningCurve(ablations), ...ablationTables(ablations).map(tableHtml)]),
    section(
      'What this does not show',
      `<ul>${[...ALWAYS, ...notes].map((note) => `<li>${paragraph(note).replace(/^<p>|<\/p>$/g, '')}</li>`).join('')}</ul>`,
    ),
    section(
      'Made with',
      `<dl>${facts.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`,
    ),
  ]);
}

const ALWAYS = [
  'Figures are of labels: how many tokens a round accepts, how fast it is and what it costs in right answers says `judge eval --arms plain,strict,judge --head …`.',
];

function headTable({ fit }: TrainReport): Table {
  return {
    title: 'Heads',
    note: `On held-out problems, among ${fit.heads[0]?.figures.mismatches.tokens ?? 0} tokens that standard verification rejects; the last column over all labelled ones. Intervals are 95 %, over problems. Fitted on ${fit.examples.fitted} tokens, thresholds chosen on others.`,
    head: [
      'head',
      'AUC',
      'interval',
      'threshold',
      'wrong stopped',
      'let in',
      'answers harmed',
      'tokens harmed',
      'AUC, all',
    ],
    rows: fit.heads.flatMap(({ name, auc, head, figures, loss, byDomain }) => [
      [
        name,
        area(auc.auc),
        between(auc.low, auc.high, area),
        head.threshold.toFixed(3),
        percent(figures.mismatches.recall),
        percent(figures.mismatches.admitted),
        `${percent(loss.byAnswers.share)} (${between(loss.byAnswers.low, loss.byAnswers.high, percent)})`,
        `${percent(loss.byTokens.share)} (${between(loss.byTokens.low, loss.byTokens.high, percent)})`,
        area(figures.all.auc),
      ],
      ...(Object.keys(byDomain).length < 2 ? [] : Object.entries(byDomain)).map(([domain, its]) => [
        `${name}, ${domain}`,
        area(its.mismatches.auc),
        '',
        '',
        percent(its.mismatches.recall),
        percent(its.mismatches.admitted),
        '',
        '',
        area(its.all.auc),
      ]),
    ]),
  };
}

function domainTable({ fit, domains = [] }: TrainReport): Table {
  const [common] = fit.heads;
  return {
    title: 'A head for each domain',
    note: 'Fitted on the problems of one domain, its threshold chosen there; measured on that domain, the common head beside it. All are in one file.',
    head: ['domain', 'AUC', 'interval', 'AUC of the common head', 'threshold', 'wrong stopped', 'let in'],
    rows: domains.map(({ name, auc, head, figures }) => [
      name,
      area(auc.auc),
      between(auc.low, auc.high, area),
      area(common?.byDomain[name]?.mismatches.auc ?? Number.NaN),
      head.threshold.toFixed(3),
      percent(figures.mismatches.recall),
      percent(figures.mismatches.admitted),
    ]),
  };
}

function controlTable({ fit }: TrainReport): Table {
  const { shuffledAucs, shuffledMean, shuffledStandardError, logits, signals } = fit.controls;
  return {
    title: 'Controls',
    note: 'What needs no head, and what must say nothing: AUC among the same tokens. Shuffled labels must come to 0.5 within two standard errors.',
    head: ['control', 'AUC', 'which way'],
    rows: [
      ...signals.map(({ name, auc, direction }) => [name, area(auc), `${direction}, the likelier correct`]),
      ...logits.map(({ name, figures }) => [
        `logistic regression on ${name}`,
        area(figures.mismatches.auc),
        '',
      ]),
      ...(shuffledAucs.length === 0
        ? []
        : [
            [
              `${shuffledAucs.length} heads on shuffled labels, mean`,
              `${area(shuffledMean)} ± ${(2 * shuffledStandardError).toFixed(3)}`,
              '',
            ],
          ]),
    ],
  };
}

const both = (draw: (width: number) => string, caption: string): string =>
  figure(draw(WIDE), draw(NARROW), caption);

function curveSection(name: string, { roc, stopping, reliability, histogram }: Curves): string {
  const share = (label: string) => ({ label, domain: [0, 1], grid: true });
  const square = (width: number) => ({ width, height: Math.min(360, width), marginBottom: 40 });
  return section(
    `\`${name}\` in detail`,
    both(
      (width) =>
        drawn({
          ...square(width),
          x: share('wrong tokens let in →'),
          y: share('↑ correct tokens let in'),
          marks: [
            Plot.line(
              [
                [0, 0],
                [1, 1],
              ],
              { stroke: 'var(--line)', strokeDasharray: '4 3' },
            ),
            Plot.line(roc, {
              x: 'wrongAdmitted',
              y: 'correctAdmitted',
              stroke: 'var(--series-0)',
              strokeWidth: 2,
            }),
          ],
        }),
      'ROC: every threshold. The dashed line tells nothing.',
    ),
    both(
      (width) =>
        drawn({
          ...square(width),
          x: share('wrong tokens stopped (recall) →'),
          y: share('↑ wrong among those stopped (precision)'),
          marks: [
            Plot.line(stopping, { x: 'recall', y: 'precision', stroke: 'var(--series-1)', strokeWidth: 2 }),
          ],
        }),
      'Precision and recall of stopping wrong tokens.',
    ),
    both(
      (width) =>
        drawn({
          ...square(width),
          x: share('score →'),
          y: share('↑ share correct'),
          marks: [
            Plot.line(
              [
                [0, 0],
                [1, 1],
              ],
              { stroke: 'var(--line)', strokeDasharray: '4 3' },
            ),
            Plot.ruleX(reliability, { x: 'score', y1: 'low', y2: 'high', stroke: 'var(--series-2)' }),
            Plot.dot(reliability, { x: 'score', y: 'correct', fill: 'var(--series-2)', r: 4 }),
          ],
        }),
      'Reliability: ten groups of equally many tokens, with 95 % intervals. On the dashed line a score is the chance that the token is correct.',
    ),
    both(
      (width) =>
        drawn({
          width,
          height: 200,
          marginBottom: 40,
          x: { label: 'score →' },
          y: { label: '↑ tokens', grid: true },
          marks: [
            Plot.rectY(
              histogram.flatMap((bin) => [
                { ...bin, y1: 0, y2: bin.correct, of: 'correct' },
                { ...bin, y1: bin.correct, y2: bin.correct + bin.wrong, of: 'wrong' },
              ]),
              {
                x1: 'from',
                x2: 'to',
                y1: 'y1',
                y2: 'y2',
                fill: (bin: { of: string }) => (bin.of === 'correct' ? 'var(--series-0)' : 'var(--series-1)'),
                insetLeft: 0.5,
                insetRight: 0.5,
              },
            ),
            Plot.ruleY([0]),
          ],
        }),
      'Scores: correct tokens below (blue), wrong ones above them (red).',
    ),
  );
}

function learningCurve(ablations: readonly Ablation[]): string {
  const points = ablations
    .filter(({ group, mismatches }) => group === 'data' && Number.isFinite(mismatches.auc))
    .map(({ fitted, mismatches }) => ({ fitted, ...mismatches }));
  if (points.length < 2) return '';
  return section(
    'Learning curve',
    both(
      (width) =>
        drawn({
          width,
          height: 260,
          marginBottom: 40,
          x: { type: 'log', label: 'tokens fitted on →', ticks: 5, tickFormat: '~s' },
          y: { label: '↑ AUC where standard verification rejects', grid: true },
          marks: [
            Plot.line(points, { x: 'fitted', y: 'auc', stroke: 'var(--series-0)', strokeWidth: 2 }),
            Plot.ruleX(points, { x: 'fitted', y1: 'low', y2: 'high', stroke: 'var(--series-0)' }),
            Plot.dot(points, { x: 'fitted', y: 'auc', fill: 'var(--series-0)', r: 4 }),
          ],
        }),
      'Whole problems are added; intervals are 95 %, over held-out problems. A curve that still rises asks for more labels.',
    ),
  );
}

const SAID: Readonly<Record<string, string>> = {
  layer: 'Layer',
  norm: 'Before or after the final norm',
  row: 'Own row or the one before',
  kind: 'Kind of head',
  models: 'Target, draft, or both',
  data: 'Tokens fitted on',
  domain: 'A domain left out',
};

function ablationTables(ablations: readonly Ablation[]): readonly Table[] {
  return ABLATION_GROUPS.flatMap((group) => {
    const rows = ablations.filter((one) => one.group === group);
    if (rows.length < 2) return [];
    return [
      {
        title: SAID[group]!,
        note: 'Logistic regression to convergence, but for what is named; AUC with 95 % intervals over held-out problems.',
        head: ['head', 'fitted on', 'numbers read', 'AUC where strict rejects', 'AUC, all tokens'],
        rows: rows.map(({ name, fitted, inputs, mismatches, all, failed }) =>
          failed === undefined
            ? [
                name,
                String(fitted),
                String(inputs),
                `${area(mismatches.auc)} (${between(mismatches.low, mismatches.high, area)})`,
                `${area(all.auc)} (${between(all.low, all.high, area)})`,
              ]
            : [name, '–', '–', 'too few tokens of one kind', ''],
        ),
      },
    ];
  });
}
