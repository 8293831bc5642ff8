/**
 * Tokens that end a text wherever they are part of a vocabulary, whatever kind a file says they are:
 * files name one end token, and a model with a chat template knows another. The names are those of
 * llama.cpp (src/llama-vocab.cpp, where it fills `special_eog_ids`; as of 2026).
 */
const ENDS: readonly string[] = [
  '<|eot_id|>',
  '<|im_end|>',
  '<|end|>',
  '<|return|>',
  '<|call|>',
  '<|flush|>',
  '<|calls|>',
  '<end_of_turn>',
  '<|endoftext|>',
  '</s>',
  '<|eom_id|>',
  '<EOT>',
  '_<EOT>',
  '[EOT]',
  '[EOS]',
  '<|end_of_text|>',
  '<end_of_utterance>',
  '<eos>',
  '<turn|>',
  '<|tool_response>',
];

/** Padding, repository and file marks of code models: the first of each group that a vocabulary has ends a text. */
const FILL_IN_ENDS: readonly (readonly string[])[] = [
  ['<|fim_pad|>', '<fim-pad>', '<fim_pad>', '<PAD>', '[PAD]'],
  ['<|fim_repo|>', '<|repo_name|>', '<fim-repo>', '<REPO>', '<reponame>'],
  ['<|file_sep|>'],
];

/** The keys under which files name the tokens of those groups. */
export const FILL_IN_ROLES: readonly string[] = ['fim_pad', 'fim_rep', 'fim_sep'];

interface Names {
  has(text: string): boolean;
}

/** The texts of a vocabulary that end a text by name; `roles` are those that the file names itself. */
export function endsByName(vocabulary: Names, roles: readonly (string | undefined)[] = []): Set<string> {
  const found = new Set(ENDS.filter((text) => vocabulary.has(text)));
  // a reply of several parts ends each with `<|end|>` and the last with another token
  const hasCall = found.has('<|call|>') || found.has('<|calls|>');
  if (hasCall && (found.has('<|return|>') || found.has('<|flush|>'))) found.delete('<|end|>');
  if (found.has('<|tool_response>')) found.delete('</s>');
  for (const [i, group] of FILL_IN_ENDS.entries()) {
    const named = roles[i] ?? group.find((text) => vocabulary.has(text));
    if (named !== undefined) found.add(named);
  }
  return found;
}
