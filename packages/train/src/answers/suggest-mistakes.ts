import {
  checkHead,
  headFor,
  type JudgeHead,
  judgeLogit,
  type Model,
  probabilityOf,
  throwIfAborted,
} from '@judge-decoding/core';
import { type DataSetRow, messagesOf, tokenOffsets } from '../data-set/index.ts';
import type { Watch } from '../progress.ts';
import { cutsOf } from './cuts-of.ts';
import type { AnswerTokenizer } from './writer.ts';

export interface SuggestOptions extends Watch {
  readonly rows: readonly DataSetRow[];
  readonly head: JudgeHead;
  /** As people know the head by: its file's name. */
  readonly name: string;
  readonly target: Model;
  /** The target's. */
  readonly tokenizer: AnswerTokenizer;
  readonly allowOtherWeights?: boolean | undefined;
}

/**
 * The rows with what a head thinks of each token of `wrong`, cut as the target's tokenizer cuts it. Rows
 * too long for the model, and rows without `wrong`, are as they were.
 */
export async function suggestMistakes(options: SuggestOptions): Promise<readonly DataSetRow[]> {
  const { rows, name, target, tokenizer, signal, onProgress } = options;
  const { info } = target;
  checkHead(options.head, info, { allowOtherWeights: options.allowOtherWeights });
  const head = headFor(options.head, info);
  const session = await target.openSession();
  const done: DataSetRow[] = [];
  try {
    for (const row of rows) {
      onProgress?.({ phase: 'suggest', done: done.length, total: rows.length });
      throwIfAborted(signal);
      const { wrong } = row;
      if (wrong === undefined) {
        done.push(row);
        continue;
      }
      const prompt = tokenizer.encodeChat(messagesOf(row));
      const { tokens } = tokenOffsets(wrong, tokenizer);
      if (prompt.length + tokens.length > info.contextLength) {
        done.push(row);
        continue;
      }
      const text = [...prompt, ...tokens];
      session.truncate(0);
      const dots = new Float32Array(text.length * head.terms.length);
      for (let start = 0; start < text.length; start += info.prefillChunk) {
        const { judge } = await session.forward(text.slice(start, start + info.prefillChunk), {
          judge: head.terms,
        });
        dots.set(judge, start * head.terms.length);
      }
      const scores = tokens.map((_, index) => {
        const logit = judgeLogit(
          head,
          prompt.length + index,
          (term, at) => dots[at * head.terms.length + head.terms.indexOf(term)]!,
        );
        return Number(probabilityOf(logit).toFixed(4));
      });
      const suggestion = { head: name, threshold: head.threshold, scores };
      done.push({ ...row, cuts: cutsOf(wrong, tokenizer), suggestion });
    }
    onProgress?.({ phase: 'suggest', done: rows.length, total: rows.length });
    return done;
  } finally {
    await session.dispose();
  }
}
