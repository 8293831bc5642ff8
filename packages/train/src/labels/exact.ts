import { invalidOption, type Model, throwIfAborted } from '@judge-decoding/core';
import type { TokenProblem } from '@judge-decoding/tasks';
import type { LabelSource } from './labeller.ts';
import { openWriter, SOURCES, type SolutionSource } from './sources.ts';

export interface ExactOptions {
  readonly target: Model;
  readonly draft: Model;
  readonly sources?: readonly SolutionSource[];
  readonly seed?: number;
  /** Tokens a solution may have at most. */
  readonly maxTokens?: number;
}

/** Samples solutions and labels every token by the problem's own reader: for worlds whose truth is known. */
export function exactLabels({
  target,
  draft,
  sources = SOURCES,
  seed = 0,
  maxTokens = 420,
}: ExactOptions): LabelSource<TokenProblem> {
  if (sources.length === 0) throw invalidOption('sources', 'at least one source', 'none');
  return {
    name: 'exact',
    settings: {
      sources,
      seed,
      maxTokens,
      target: target.info.fingerprint,
      draft: draft.info.fingerprint,
    },
    solutionsPerProblem: sources.length,
    async open() {
      const writer = await openWriter({ target, draft }, { seed, maxTokens });
      return {
        async label(problem, signal) {
          const { id, domain, prompt } = problem;
          const found = [];
          for (const source of sources) {
            throwIfAborted(signal);
            const solution = await writer.write(source, id, prompt);
            const reader = problem.reader();
            const labels = solution.map((token) => reader.feed(token).charAt(0)).join('');
            found.push({ problem: id, domain, source: source.name, prompt, solution, labels });
          }
          return found;
        },
        dispose: () => writer.dispose(),
      };
    },
  };
}
