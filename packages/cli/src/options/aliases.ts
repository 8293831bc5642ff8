import { JudgeDecodingError } from '@judge-decoding/core';
import { definitions } from '../render/examples.ts';

/** A familiar name of one of our flags. `old` names still work there, too, but with a warning. */
interface Alias {
  readonly flag: string;
  readonly from: string;
  readonly old?: true;
}

/** Names that users of vLLM, llama.cpp, SGLang and transformers have in their fingers. */
export const ALIASES: Readonly<Record<string, Alias>> = {
  '-m': { flag: '--target', from: 'llama.cpp' },
  '--model': { flag: '--target', from: 'vLLM, llama.cpp' },
  '-md': { flag: '--draft', from: 'llama.cpp' },
  '--model-draft': { flag: '--draft', from: 'llama.cpp' },
  '--speculative-draft-model-path': { flag: '--draft', from: 'SGLang' },
  '--num-speculative-tokens': { flag: '--draft-length', from: 'vLLM' },
  '--spec-draft-n-max': { flag: '--draft-length', from: 'llama.cpp' },
  '--draft-max': { flag: '--draft-length', from: 'llama.cpp', old: true },
  '--draft-n': { flag: '--draft-length', from: 'llama.cpp', old: true },
  '--speculative-num-draft-tokens': { flag: '--draft-length', from: 'SGLang' },
  '--judge-threshold': { flag: '--threshold', from: 'judge' },
  '--speculative_config': { flag: '--speculative-config', from: 'vLLM' },
  '-c': { flag: '--context', from: 'llama.cpp' },
  '--ctx-size': { flag: '--context', from: 'llama.cpp' },
  '--max-model-len': { flag: '--context', from: 'vLLM' },
  '--n-predict': { flag: '--max-tokens', from: 'llama.cpp' },
  '--predict': { flag: '--max-tokens', from: 'llama.cpp' },
  '--max-new-tokens': { flag: '--max-tokens', from: 'transformers' },
  '-t': { flag: '--threads', from: 'llama.cpp' },
  '-s': { flag: '--seed', from: 'llama.cpp' },
  '--temp': { flag: '--temperature', from: 'llama.cpp' },
  '--repeat-penalty': { flag: '--repetition-penalty', from: 'llama.cpp' },
  '--reverse-prompt': { flag: '--stop', from: 'llama.cpp' },
  '-tp': { flag: '--tensor-parallel-size', from: 'vLLM, SGLang' },
  '--tp': { flag: '--tensor-parallel-size', from: 'SGLang' },
  '--tp-size': { flag: '--tensor-parallel-size', from: 'SGLang' },
  '-sys': { flag: '--system', from: 'llama.cpp' },
  '--system-prompt': { flag: '--system', from: 'llama.cpp' },
};

const ON_CPU = 'this version runs models on the CPU';
const ONE_TEXT = 'it writes one text at a time';
/** Flags of theirs that have no meaning here, and why. `-ngl 99` would otherwise read as `-n gl`. */
const MEANINGLESS: Readonly<Record<string, string>> = {
  '-ngl': ON_CPU,
  '--gpu-layers': ON_CPU,
  '--n-gpu-layers': ON_CPU,
  '--gpu-memory-utilization': ON_CPU,
  '-np': ONE_TEXT,
  '--parallel': ONE_TEXT,
  '--max-num-seqs': ONE_TEXT,
};

/** Our own spelling of the arguments, and a warning for each old name. What follows `--` is left alone. */
export function rewriteAliases(argv: readonly string[]): {
  readonly argv: readonly string[];
  readonly warnings: readonly string[];
} {
  const warnings: string[] = [];
  const rewritten: string[] = [];
  for (const [index, argument] of argv.entries()) {
    if (argument === '--') {
      rewritten.push(...argv.slice(index));
      break;
    }
    const [name = '', ...rest] = argument.split('=');
    if (Object.hasOwn(MEANINGLESS, name)) {
      throw new JudgeDecodingError(
        'invalid-option',
        `Expected a flag of judge, got ${name}, which means nothing here: ${MEANINGLESS[name]}. Leave it out.`,
      );
    }
    const alias = Object.hasOwn(ALIASES, name) ? ALIASES[name] : undefined;
    if (alias === undefined) {
      rewritten.push(argument);
      continue;
    }
    rewritten.push([alias.flag, ...rest].join('='));
    if (alias.old) warnings.push(`${name} is an old name: use ${alias.flag}.`);
  }
  return { argv: rewritten, warnings };
}

/** "--draft-length: --num-speculative-tokens, …", a line for each of our flags. */
export function aliasesHelp(columns: number): string {
  const byFlag = new Map<string, string[]>();
  for (const [name, { flag, old }] of Object.entries(ALIASES)) {
    if (!old) byFlag.set(flag, [...(byFlag.get(flag) ?? []), name]);
  }
  const title = 'Names from vLLM, llama.cpp, SGLang, transformers';
  return definitions(
    title,
    [...byFlag].map(([flag, names]) => [flag, names.join(', ')]),
    columns,
  );
}
