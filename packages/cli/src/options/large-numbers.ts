import { availableParallelism } from 'node:os';

/** Longer drafts than anything accepts in a row. */
const LONG_DRAFT = 64;

/** Numbers that are allowed, and hardly meant. */
export function largeNumbers(
  {
    draftLength,
    threads,
  }: { readonly draftLength?: number | 'auto' | undefined; readonly threads?: number | undefined },
  cores: number = availableParallelism(),
): readonly string[] {
  return [
    ...(typeof draftLength === 'number' && draftLength > LONG_DRAFT
      ? [
          `--draft-length ${draftLength} drafts so many tokens in every round, and what follows the first rejected one is thrown away: 4 to 32 usually pay.`,
        ]
      : []),
    ...(threads !== undefined && threads > cores
      ? [
          `--threads ${threads} is more than the ${cores} that run at once here: the others take turns, which is slower.`,
        ]
      : []),
  ];
}
