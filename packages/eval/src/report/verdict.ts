import { isLossyArm } from '../arms/built-rule.ts';
import type { Results } from '../run/result-folder.ts';
import type { Analysis } from './analysis.ts';
import type { ArmAnalysis, Part } from './arm-analysis.ts';
import { percentWithin, pointsWithin, sayPoints, timesWithin } from './number-format.ts';

/** The arm that a report is about: the judge, where there is one. */
export const headlineArm = ({ arms, results }: Analysis): ArmAnalysis | undefined =>
  headline(
    arms.filter(lossyIn(results)).filter(({ family }) => /^judge\b/.test(family)),
    results.settings.fixed.margin ?? 0.01,
  );

/** What a reader who reads one paragraph should know, a sentence each. */
export function verdictOf(analysis: Analysis): readonly string[] {
  const { arms, results } = analysis;
  const plain = arms.find(({ name }) => name === 'plain');
  const graded = arms.filter(({ whole }) => whole.quality?.paired !== undefined);
  const judge = headlineArm(analysis);
  const sentences: string[] = [];
  if (judge !== undefined) sentences.push(sentenceOn(judge), ...againstPrograms(judge));
  if (arms.length > 0 && isShared(results))
    sentences.push('Several processes shared the machine meanwhile: times and their ratios are rough.');
  const strict = fastest(arms.filter(({ family }) => family === 'strict'));
  if (strict?.whole.versusPlain !== undefined)
    sentences.push(`Strict verification alone is ${times(strict)} as fast as plain decoding.`);
  if (plain?.whole.quality !== undefined)
    sentences.push(
      `Plain decoding of the target is right on ${percentWithin(plain.whole.quality.accuracy, plain.whole.quality.interval)} of ${plain.whole.quality.graded.toLocaleString('en')}.`,
    );
  sentences.push(...winners(graded.filter(lossyIn(results)), results.settings.fixed.margin ?? 0.01));
  if (sentences.length === 0)
    sentences.push(
      arms.length === 0
        ? 'No rows yet.'
        : `${arms.map((arm) => `${arm.name}: ${arm.speed.tokensPerSecond.toFixed(1)} tokens/s`).join('; ')}.`,
    );
  return sentences;
}

/** Whether all times are of a busy machine; where readings were shared there are none. */
const isShared = ({ rows, machines }: Results): boolean =>
  rows.every(({ machine }) => {
    const { sharedBy = 1, readings } = machines[machine ?? ''] ?? {};
    return sharedBy > 1 && readings === undefined;
  });

/** Arms that may lose something, and what that is was measured. */
const lossyIn =
  ({ settings }: Results) =>
  ({ arm, synthetic }: ArmAnalysis): boolean =>
    synthetic === undefined && isLossyArm(arm, settings.fixed.sampling);

const speedOf = ({ whole }: ArmAnalysis): number => whole.versusPlain?.ratio ?? 0;

const fastest = (arms: readonly ArmAnalysis[]): ArmAnalysis | undefined =>
  [...arms].sort((a, b) => speedOf(b) - speedOf(a))[0];

/** The judge at its own threshold; else the fastest that loses no more than the margin; else the fastest. */
const headline = (judges: readonly ArmAnalysis[], margin: number): ArmAnalysis | undefined =>
  fastest(judges.filter(({ name }) => name === 'judge')) ??
  fastest(judges.filter(({ whole }) => (whole.quality?.paired?.difference ?? 0) >= -margin)) ??
  fastest(judges);

const times = ({ whole }: ArmAnalysis): string =>
  whole.versusPlain === undefined
    ? '? times'
    : `${timesWithin(whole.versusPlain.ratio, whole.versusPlain.interval).replace('x', '')} times`;

function sentenceOn(arm: ArmAnalysis): string {
  const { quality, versusPlain } = arm.whole;
  const speed = versusPlain === undefined ? '' : ` is ${times(arm)} as fast as plain decoding`;
  if (quality?.paired === undefined) return `\`${arm.name}\`${speed}.`;
  const { difference, interval, lost, won } = quality.paired;
  const said = {
    'non-inferior': 'which is within the margin stated before the run',
    inferior: 'which is more than the margin stated before the run allows',
    open: 'which leaves open whether it is within the margin stated before the run',
    'no margin stated': 'and no margin was stated before the run to hold that against',
  }[quality.nonInferiority?.verdict ?? 'no margin stated'];
  const count = quality.paired.pairs.toLocaleString('en');
  return `\`${arm.name}\`${speed}. Of ${count} answers it lost ${lost} that plain decoding had right and won ${won}: ${pointsWithin(difference, interval)} points, ${said}.`;
}

/** Against programs of others with the same weights. */
function againstPrograms({ versusOutside }: ArmAnalysis): readonly string[] {
  if (versusOutside.size === 0) return [];
  const said = [...versusOutside].map(
    ([program, { ratio, interval }]) => `${timesWithin(ratio, interval)} ${program}`,
  );
  return [`In tokens a second, with the same weights on the same problems, that is ${said.join(', ')}.`];
}

/** Which rule is fastest among those that lose no more than the margin, overall and by domain; without speeds, who accepts most. */
function winners(lossy: readonly ArmAnalysis[], margin: number): readonly string[] {
  // an oracle and a coin are yardsticks, not rules
  const rules = lossy
    .filter(({ arm }) => !('guards' in arm && arm.guards === 'off'))
    .filter(({ family }) => !/^(oracle|everything|random)/.test(family));
  if (rules.length < 2) return [];
  const lossOf = (part: Part | undefined) =>
    part?.quality?.paired === undefined ? Number.POSITIVE_INFINITY : -part.quality.paired.difference;
  const timed = rules.some(({ whole }) => whole.versusPlain !== undefined);
  const rankOf = (part: Part | undefined) => (timed ? part?.versusPlain?.ratio : part?.accepted) ?? 0;
  const bestBy = (partOf: (arm: ArmAnalysis) => Part | undefined) =>
    rules
      .filter((arm) => lossOf(partOf(arm)) <= margin)
      .sort((a, b) => rankOf(partOf(b)) - rankOf(partOf(a)))[0];
  const best = bestBy(({ whole }) => whole);
  const points = sayPoints(margin);
  if (best === undefined) return [`Every rule lost more than ${points}.`];
  const domains = best.parts.length < 2 ? [] : best.parts.map(({ domain }) => domain);
  const byDomain = domains.map((domain) => {
    const here = bestBy(({ parts }) => parts.find((part) => part.domain === domain));
    return here === undefined ? `nobody on ${domain}` : `\`${here.name}\` on ${domain}`;
  });
  const how = timed
    ? `is fastest (${times(best)})`
    : `accepts most (${best.whole.accepted.toFixed(1)} drafted tokens a round)`;
  return [
    `Of the rules that lost no more than ${points} here, \`${best.name}\` ${how}${byDomain.length === 0 ? '' : `; by domain: ${byDomain.join(', ')}`}.`,
  ];
}
