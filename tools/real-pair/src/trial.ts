/** What an arm did in the trial: accepted draft tokens a round, and the share of answers right. */
export interface TrialFigures {
  readonly accepted: number | undefined;
  readonly right: number;
}

/**
 * Figures of an earlier trial with this pair, to be held beside: PyTorch on one GPU, the files'
 * 4-bit weights widened to bf16 and the output matrix used as embedding too, the first 660 test
 * questions, draft length 16, the same prompt and grading, guards without a floor (a share's 95 %
 * interval is 3.8 points either way). Its code is not here, so nothing here reprints them.
 */
export const TRIAL: Readonly<Record<string, TrialFigures>> = {
  target: { accepted: undefined, right: 0.615 },
  strict: { accepted: 9.11, right: 0.615 },
  'kl:0.1': { accepted: 9.27, right: 0.612 },
  'kl:0.3': { accepted: 9.95, right: 0.595 },
  'kl:1': { accepted: 12.06, right: 0.559 },
  'relaxed:10:0.1': { accepted: 9.58, right: 0.582 },
  'relaxed:10:0.3': { accepted: 10.74, right: 0.571 },
  'floor:0.2': { accepted: 11.37, right: 0.556 },
  'fly:6:0.3': { accepted: 11.39, right: 0.536 },
  'fly:5:0.3': { accepted: 11.69, right: 0.547 },
  'fly:3:0.3': { accepted: 12.31, right: 0.515 },
  'typical:0.09:0.3': { accepted: 12.95, right: 0.5 },
  'topk:2': { accepted: 13.01, right: 0.423 },
  'topk:3': { accepted: 14.28, right: 0.4 },
  everything: { accepted: 15.59, right: 0.297 },
};
