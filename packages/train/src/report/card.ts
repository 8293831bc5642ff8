import { area, between, DOMAINS_FILE, inputsOf, percent, sayHead, type TrainReport } from './train-report.ts';

/** What travels with head files: what they are, how they were made, how they do, and when not to use them. */
export function headCard({ title, facts, fit, notes, domains = [] }: TrainReport): string {
  const rows = [
    ...fit.heads.map((one) => [`${one.name}.safetensors`, one] as const),
    ...domains.map((one) => [`${DOMAINS_FILE}#${one.name}`, one] as const),
  ].map(([file, { auc, head, figures, loss }]) =>
    [
      `\`${file}\``,
      head.terms
        .map(
          ({ layer, state, row }) =>
            `${layer === 'last' ? 'last layer' : `layer ${layer}`}, ${state}, ${row} row`,
        )
        .join(' and '),
      inputsOf(head.terms),
      `${area(auc.auc)} (${between(auc.low, auc.high, area)})`,
      head.threshold.toFixed(3),
      percent(figures.mismatches.recall),
      percent(figures.mismatches.admitted),
      `${percent(loss.byAnswers.share)} (${between(loss.byAnswers.low, loss.byAnswers.high, percent)})`,
    ].join(' | '),
  );
  const { shuffledAucs, shuffledMean, signals } = fit.controls;
  const best = [...signals].filter(({ auc }) => Number.isFinite(auc)).sort((a, b) => b.auc - a.auc)[0];
  return `${[
    `# ${title}`,
    fit.heads.map(sayHead).join('\n\n'),
    '**Judge decoding with these heads is lossy**: it can change answers. Off by default; measure it on your own questions with `judge eval --arms plain,strict,judge --head FILE`.',
    [
      '| file | reads | weights | AUC where strict rejects | threshold | wrong tokens stopped | let in | answers harmed |',
      '| --- | --- | ---: | --- | ---: | ---: | ---: | --- |',
      ...rows.map((row) => `| ${row} |`),
    ].join('\n'),
    ...(domains.length === 0
      ? []
      : [
          `\`${DOMAINS_FILE}\` holds a head for each domain, fitted and measured on that domain alone; \`--head ${DOMAINS_FILE}#${domains[0]!.name}\` takes one.`,
        ]),
    `Scores are P(correct). Held-out problems share none with those that were fitted or calibrated on. Intervals are 95 %: of the AUC over problems, of shares Wilson’s.${
      best === undefined
        ? ''
        : ` The best single number of the target’s own distribution, ${best.name}, has an AUC of ${area(best.auc)}.`
    }${shuffledAucs.length === 0 ? '' : ` Heads on shuffled labels: ${area(shuffledMean)}.`}`,
    '## How it was made',
    facts.map(([name, value]) => `- ${name}: ${value}`).join('\n'),
    '## What this does not show',
    ['A head knows the domains it was trained on; on others it may let in what is wrong.', ...notes]
      .map((note) => `- ${note}`)
      .join('\n'),
  ].join('\n\n')}\n`;
}
