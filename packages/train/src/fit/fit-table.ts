import type { Figures, HeadFigures } from './figures.ts';
import type { FitReport } from './fit-heads.ts';

const share = (value: number) => (Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '–');
const auc = (value: number) => (Number.isFinite(value) ? value.toFixed(4) : '–');

/** The report as Markdown: heads and controls, where standard verification rejects and over all tokens. */
export function fitTable({ heads, controls, examples }: FitReport): string {
  const columns = ({ auc: area, recall, falseRejections }: Figures) => [
    auc(area),
    share(recall),
    share(falseRejections),
  ];
  const row = (name: string, threshold: number, { mismatches, all }: HeadFigures) =>
    `| ${[name, threshold.toFixed(4), ...columns(mismatches), share(mismatches.admitted), ...columns(all)].join(' | ')} |`;
  const [first] = heads;
  const { shuffledAucs, shuffledTrueAucs, shuffledMean, shuffledStandardError, rate, logits } = controls;
  const lines = [
    '| | threshold | AUC | wrong tokens stopped | false rejections | let in | AUC, all tokens | stopped, all | false rejections, all |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...heads.flatMap(({ name, head, figures, byDomain }) => [
      row(name, head.threshold, figures),
      ...domainsOf(byDomain).map(([domain, its]) => row(`${name}, ${domain}`, head.threshold, its)),
    ]),
    ...logits.map(({ name, threshold, figures }) => row(`logits: ${name}`, threshold, figures)),
    '',
    `Fitted on ${examples.fitted} tokens (${examples.validation} more to stop early), calibrated on ${examples.calibration}.`,
  ];
  if (first !== undefined) {
    const { mismatches, all } = first.figures;
    lines.push(
      `Measured on ${all.tokens} tokens, ${all.wrong} of them wrong; standard verification rejects ${mismatches.tokens}, ${mismatches.wrong} of them wrong. The first columns count those, the last ones all.`,
    );
  }
  if (shuffledAucs.length > 1 && first !== undefined) {
    const within = Math.abs(shuffledMean - 0.5) <= 2 * shuffledStandardError;
    const highest = Math.max(...shuffledAucs, ...shuffledTrueAucs);
    const above = first.figures.mismatches.auc > highest;
    const trueMean = shuffledTrueAucs.reduce((sum, value) => sum + value, 0) / shuffledTrueAucs.length;
    lines.push(
      `${shuffledAucs.length} heads on shuffled labels: mean AUC ${auc(shuffledMean)} ± ${(2 * shuffledStandardError).toFixed(4)} (two standard errors) on shuffled held-out labels, ${within ? 'chance, as it must be' : '**further from 0.5 than that: something may leak**'}; ${auc(trueMean)} on the true ones. The highest is ${auc(highest)}, ${above ? 'below' : '**not below**'} the real head. Random control at the rate ${rate.toFixed(4)}.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Nothing where there is but one: its figures are those of all. */
const domainsOf = (byDomain: Readonly<Record<string, HeadFigures>>) => {
  const entries = Object.entries(byDomain);
  return entries.length > 1 ? entries : [];
};
