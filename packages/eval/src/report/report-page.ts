import type { SamplingOptions } from '@judge-decoding/core';
import { type AskedRun, askedOf, type FixedSettings, type RunModel } from '../run/run-settings.ts';
import type { Interval } from '../statistics/wilson.ts';
import type { Analysis } from './analysis.ts';
import { mainArms, nameOf } from './arm-analysis.ts';
import type { Example } from './examples.ts';
import { percent, sayPoints } from './number-format.ts';
import {
  escaped,
  exampleHtml,
  figure,
  foldedTableHtml,
  legend,
  page,
  paragraph,
  section,
  type Tile,
  tiles,
} from './page.ts';
import { allTables } from './tables.ts';
import { headlineArm, verdictOf } from './verdict.ts';

/** One page with everything: verdict first. The same results give the same bytes. */
export async function reportPage(analysis: Analysis, examples: readonly Example[] = []): Promise<string> {
  // a large library, and nobody else needs it
  const { acceptancePlot, scorePlot } = await import('./plots.ts');
  const { NARROW, WIDE } = await import('./drawn.ts');
  const { belowThePicture, hasSpeeds, sayAcross, speedQualityPlot } = await import('./speed-quality-plot.ts');
  const { results, arms, notes } = analysis;
  const { fixed, commands } = results.settings;
  const { problems: asked } = askedOf(results.settings);
  const had = new Set(results.rows.map(({ problem }) => problem)).size;
  const problems = `${had.toLocaleString('en')}${had < asked ? ` of ${asked.toLocaleString('en')}` : ''}`;
  const main = mainArms(arms);
  const shown = new Set([...main.map(nameOf), ...main.map(({ name }) => name)]);
  const drafting = main.filter(({ draftLength }) => draftLength > 0);
  const deeper = belowThePicture(analysis).map(
    (point) => `\`${point.name}\` (${sayLoss(point.points)} at ${sayAcross(analysis, point)})`,
  );
  const judged = drafting.filter(({ stats }) => stats.scoreHistogram.some((count) => count > 0));
  const both = (draw: (width: number) => string | undefined, caption: string) =>
    figure(draw(WIDE), draw(NARROW), caption);
  return page(`${fixed.task}: ${sayModel(fixed.target)}`, [
    `<h1>${escaped(titleOf(fixed.task))}</h1>`,
    paragraph(
      `${sayModel(fixed.target)}, drafted by ${typeof fixed.draft === 'string' ? fixed.draft : sayModel(fixed.draft)}, on ${fixed.backend}; ${problems} problems of the split \`${fixed.split}\`, ${saySampling(fixed.sampling)}.`,
      'under',
    ),
    tiles(figuresOf(analysis)),
    `<div class="verdict">${verdictOf(analysis)
      .map((sentence) => paragraph(sentence))
      .join('')}</div>`,
    both(
      (width) => speedQualityPlot(analysis, width),
      `${hasSpeeds(analysis) ? 'Speed' : 'What is accepted (nothing was timed)'} against quality, with 95 % intervals; a line joins one rule at its numbers. A rule is worth having only where its line lies outside the others’.${sayDraft(analysis)}${deeper.length === 0 ? '' : ` Further down: ${someOf(deeper)}.`}`,
    ),
    ...allTables(analysis).map((table) => foldedTableHtml(table, (name) => shown.has(name))),
    drafting.length === 0
      ? ''
      : section(
          'Acceptance by position',
          both(
            (width) => acceptancePlot(drafting, width),
            'Share of rounds in which each position of the draft was accepted. The numbers are in acceptance.csv.',
          ),
        ),
    judged.length === 0
      ? ''
      : section(
          'Scores',
          ...judged
            .slice(0, 3)
            .map((arm) =>
              both(
                (width) => scorePlot(arm, width),
                `What the judge gave the drafted tokens that were decided, under \`${arm.name}\`.`,
              ),
            ),
        ),
    examples.length === 0
      ? ''
      : section(
          'Examples',
          paragraph(
            'What each arm got wrong and plain decoding got right, those first that part soonest; where it lost none, one that it worded differently.',
            'note',
          ),
          legend(),
          ...examples.map(exampleHtml),
        ),
    section(
      'What this does not show',
      `<ul>${[...notes, ...ALWAYS].map((note) => `<li>${paragraph(note).replace(/^<p>|<\/p>$/g, '')}</li>`).join('')}</ul>`,
    ),
    section('Made with', facts(analysis), `<pre><code>${commands.map(escaped).join('\n')}</code></pre>`),
  ]);
}

/** A sentence holds so many; the tables have all. */
const SAID = 6;
const someOf = (names: readonly string[]): string =>
  names.length <= SAID + 1
    ? names.join(', ')
    : `${names.slice(0, SAID).join(', ')} and ${names.length - SAID} more`;

const titleOf = (task: string): string => (task === 'pocket' ? 'The pocket world' : task);

const sayLoss = (points: number): string => `${points.toFixed(1).replace('-', '−')} points`;

/** The arm that the report is about, in four figures. */
function figuresOf(analysis: Analysis): readonly Tile[] {
  const { arms } = analysis;
  const arm = headlineArm(analysis);
  if (arm === undefined) return [];
  const plain = arms.find(({ name }) => name === 'plain')?.whole.quality;
  const strict = arms.find(({ name }) => name === 'strict');
  const { whole, name, draftLength } = arm;
  const { quality, versusPlain } = whole;
  const within = ({ low, high }: Interval, digits: number, by = 1) =>
    Number.isFinite(low)
      ? ` [${(by * low).toFixed(digits)}, ${(by * high).toFixed(digits)}]`.replaceAll('-', '−')
      : '';
  return [
    ...(versusPlain === undefined
      ? []
      : [
          {
            label: `\`${name}\`, speed`,
            value: `${versusPlain.ratio.toFixed(2)}×`,
            note: `plain decoding’s${within(versusPlain.interval, 2)}`,
          },
        ]),
    {
      label: `accepted of ${draftLength}`,
      value: whole.accepted.toFixed(1),
      note:
        strict === undefined ? 'a round' : `a round; strict verification ${strict.whole.accepted.toFixed(1)}`,
    },
    ...(quality === undefined
      ? []
      : [
          {
            label: 'answers right',
            value: percent(quality.accuracy),
            note:
              plain === undefined
                ? `of ${quality.graded.toLocaleString('en')}`
                : `plain decoding ${percent(plain.accuracy)}`,
          },
        ]),
    ...(quality?.paired === undefined
      ? []
      : [
          {
            label: 'against plain decoding',
            value: (100 * quality.paired.difference).toFixed(1).replace('-', '−'),
            note: `points${within(quality.paired.interval, 1, 100)}, of ${quality.paired.pairs.toLocaleString('en')}`,
          },
        ]),
  ];
}

/** The floor that quality is measured from. */
function sayDraft({ arms }: Analysis): string {
  const draft = arms.find(({ name }) => name === 'draft')?.whole;
  if (draft?.quality?.paired === undefined || draft.versusPlain === undefined) return '';
  const points = (100 * draft.quality.paired.difference).toFixed(1).replace('-', '−');
  return ` Not shown: the draft alone, ${draft.versusPlain.ratio.toFixed(1)} times as fast at ${points} points.`;
}

const ALWAYS = [
  'Speeds are of one generation at a time on the machine below; under load, and on other machines, ratios differ.',
];

const sayModel = ({ name, dtype, exact }: RunModel): string => `${name} (${dtype}${exact ? ', exact' : ''})`;

const saySampling = ({ temperature }: SamplingOptions): string =>
  temperature === 0 ? 'greedy' : `temperature ${temperature}`;

function facts({ results }: Analysis): string {
  const { fixed } = results.settings;
  const used = new Set(results.rows.map(({ machine }) => machine ?? ''));
  const machines = Object.entries(results.machines).filter(([name]) => used.has(name));
  const entries: readonly (readonly [string, string])[] = [
    ...machines.flatMap(([, machine]) => [
      [
        'machine',
        `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}${machine.sharedBy === undefined ? '' : `, shared by ${machine.sharedBy} processes`}${machine.readings === undefined ? '' : ', arms sharing what was read'}`,
      ] as const,
      ['device', machine.device] as const,
      ['commit', `${machine.commit}${machine.dirty === true ? ', with changes' : ''}`] as const,
    ]),
    ['target', `${sayModel(fixed.target)}, weights ${fixed.target.weights.slice(0, 12)}`],
    ...(typeof fixed.draft === 'string'
      ? []
      : [['draft', `${sayModel(fixed.draft)}, weights ${fixed.draft.weights.slice(0, 12)}`] as const]),
    ['rows', `${results.rows.length.toLocaleString('en')}: ${results.settings.runs.map(sayRun).join('; ')}`],
    ['margin', sayMargin(fixed)],
    ['most tokens', String(fixed.maxTokens)],
    ['seed', String(fixed.seed)],
    ...(fixed.sandbox === null ? [] : [['programs run in', fixed.sandbox] as const]),
    ...Object.entries(results.settings.programs ?? {}),
    ...Object.entries(fixed.heads).map(([name, digest]) => [`head ${name}`, digest] as const),
  ];
  return `<dl>${entries.map(([name, value]) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`).join('')}</dl>`;
}

const sayRun = ({ arms, from, problems, repeats, warmUps }: AskedRun): string =>
  `${arms.length} arms on ${problems.toLocaleString('en')} problems${from > 0 ? ` from ${from.toLocaleString('en')} on` : ''}${repeats > 1 ? `, ${repeats} times` : ''}${warmUps > 0 ? `, after ${warmUps} warm-ups` : ''}`;

const sayMargin = ({ margin }: FixedSettings): string =>
  margin === null ? 'none was stated before the run' : `${sayPoints(margin)}, stated before the run`;
