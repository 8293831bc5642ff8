import type { Tokenizer } from '@judge-decoding/checkpoint';
import {
  headFor,
  type ModelInfo,
  meanAcceptedLength,
  readBacksPerRound,
  type Stats,
} from '@judge-decoding/core';
import type { Arm } from '../run/compare.ts';
import type { GenerationRun } from '../run/generation-run.ts';
import type { PrintedRun } from '../run/print-run.ts';
import type { Setup } from '../run/setup.ts';

/** What `--json` prints. Fields are only ever added within a version. */
export function generationJson(
  setup: Setup,
  run: PrintedRun,
  rest: {
    readonly promptTokens: number;
    readonly notices: readonly string[];
    readonly comparison?: readonly Arm[] | undefined;
  },
): object {
  const { tokenizer } = setup.pair.target;
  return {
    format: 'judge-decoding.generation',
    version: 1,
    text: run.text,
    finish: { ...run.finish, ...(run.stopString === undefined ? {} : { stopString: run.stopString }) },
    tokens: tokensJson(run, tokenizer),
    promptTokens: rest.promptTokens,
    settings: settingsJson(setup),
    statistics: statisticsJson(run.stats),
    timings: timingsJson(run),
    notices: [...new Set([...rest.notices, ...run.stats.notices])],
    ...(rest.comparison ? { comparison: rest.comparison.map(armJson) } : {}),
  };
}

function statisticsJson(stats: Stats): object {
  const readBacks = readBacksPerRound(stats);
  return {
    ...stats,
    meanAccepted: meanAcceptedLength(stats),
    // per round, of both models together; where there is a device that counts
    ...(readBacks === undefined ? {} : { meanReadBacks: readBacks }),
  };
}

export function tokensJson({ tokens }: GenerationRun, tokenizer: Tokenizer): readonly object[] {
  const decoder = new TextDecoder();
  return tokens.map(({ id, source, score }) => ({
    id,
    text: decoder.decode(tokenizer.bytesOf(id)),
    source,
    ...(score === undefined ? {} : { score: Number(score.toFixed(6)) }),
  }));
}

export function settingsJson({
  pair,
  verifySaid,
  lossless,
  mayPart,
  head,
  verification,
  ...setup
}: Setup): object {
  const { target, draft, backend, threads } = pair;
  return {
    target: modelJson(target.model.info),
    draft: typeof draft === 'string' ? draft : modelJson(draft.model.info),
    backend,
    threads: threads ?? 'auto',
    verify: verifySaid,
    lossless,
    // whether passes of every width write the same text, and what may come of it where they do not
    exact: target.model.info.exact === true,
    ...(mayPart === undefined ? {} : { mayPart }),
    ...(head ? { headThreshold: headFor(head, target.model.info).threshold } : {}),
    draftLength: setup.draftLength,
    guards: verification.guards,
    sampling: setup.sampling,
    seed: setup.seed,
    stop: setup.stop,
    ...(setup.maxTokens === undefined ? {} : { maxTokens: setup.maxTokens }),
  };
}

const modelJson = ({
  name,
  dtype,
  exact = false,
  device,
  contextLength,
  fingerprint,
}: ModelInfo): object => ({
  name,
  dtype,
  exact,
  device,
  contextLength,
  fingerprint,
});

export function timingsJson({ stats: { times, committed }, firstToken, total }: GenerationRun): object {
  return {
    unit: 'ms',
    firstToken,
    total,
    ...times,
    tokensPerSecond: total > 0 ? (1000 * committed) / total : 0,
  };
}

export const armJson = ({ name, tokensPerSecond, speedup, decoding, sameText, run }: Arm): object => ({
  name,
  tokensPerSecond,
  speedup,
  decodingMs: decoding,
  sameTextAsPlain: sameText,
  tokens: run.tokens.length,
  rounds: run.stats.rounds,
  meanAccepted: meanAcceptedLength(run.stats).accepted,
});
