import { invalidOption } from '../errors.ts';
import { didYouMean } from '../rules/closest.ts';
import type { GuardOptions } from '../rules/guards.ts';
import type { SamplingOptions } from '../sampling/sampling.ts';
import type { GenerateOptions } from './options.ts';
import type { StopConditions } from './stop.ts';

/*
 * What the types say, said to programs without types: a wrong shape is refused by name before anything runs.
 * Ranges are checked where they are used.
 */

type Named = Readonly<Record<string, unknown>>;
type Keys<Options> = Readonly<Record<keyof Required<Options>, true>>;

const SAMPLING: Keys<SamplingOptions> = {
  temperature: true,
  topK: true,
  topP: true,
  minP: true,
  repetitionPenalty: true,
  presencePenalty: true,
  frequencyPenalty: true,
  penaltyScope: true,
  promptLength: true,
  uncountedInPrompt: true,
  logitBias: true,
  banned: true,
};
const STOP: Keys<StopConditions> = { tokens: true, strings: true, bytesOf: true };
const GUARDS: Keys<GuardOptions> = { leastProbability: true, mostInARow: true };

/** @throws JudgeDecodingError `invalid-option`, with what came and, where it is a usual slip, what was meant */
export function checkOptions(options: GenerateOptions): void {
  if (!isObject(options)) throw invalidOption('options', 'an object with model, target and prompt', options);
  const { model, target, prompt, draft, rule, draftLength, sampling, seed, stop, guards, signal, now } =
    options as Named & GenerateOptions;
  if (!isObject(model) || !isObject(model.fingerprint))
    throw invalidOption('model', 'what a model says of itself, its `info`', model);
  if (!isObject(target) || !('session' in target || has(target, 'forward', 'function')))
    throw invalidOption(
      'target',
      'a session of the target, as `await target.openSession()` gives it',
      target,
    );
  if (!Array.isArray(prompt) && !ArrayBuffer.isView(prompt))
    throw invalidOption('prompt', 'token ids, as a tokenizer’s `encode` gives them', prompt);
  if (draft !== undefined && !(has(draft, 'propose', 'function') && has(draft, 'hasDistribution', 'boolean')))
    throw invalidOption('draft', 'a draft source, such as `draftSession(model, session)`', draft);
  if (rule !== undefined && !(isObject(rule) && isObject(rule.base)))
    throw invalidOption('rule', 'a rule, such as `rule(exactMatch(), judged(head))`', rule);
  if (draftLength !== undefined && typeof draftLength !== 'number' && !has(draftLength, 'next', 'function'))
    throw invalidOption(
      'draftLength',
      'a whole number, or a controller such as `adaptiveLength`',
      draftLength,
    );
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw invalidOption('seed', 'a whole number', seed);
  if (now !== undefined && typeof now !== 'function')
    throw invalidOption('now', 'a function that gives milliseconds', now);
  if (signal !== undefined && !has(signal, 'aborted', 'boolean'))
    throw invalidOption('signal', 'an AbortSignal (a controller’s `signal`)', signal);
  checkKeys('sampling', sampling, SAMPLING, '`{ temperature: 0.7 }`');
  checkKeys('stop', stop, STOP, '`{ tokens: [2] }`');
  if (guards !== 'off') checkKeys('guards', guards, GUARDS, "`{ mostInARow: 8 }`, or 'off'");
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const has = (value: unknown, name: string, type: 'function' | 'boolean'): boolean =>
  isObject(value) && typeof (value as Named)[name] === type;

/** A misspelt name would be silently without effect. */
function checkKeys(name: string, given: unknown, known: Named, example: string): void {
  if (given === undefined) return;
  if (!isObject(given) || Array.isArray(given))
    throw invalidOption(name, `an object such as ${example}`, given);
  const names = Object.keys(known);
  const other = Object.keys(given).find((key) => !Object.hasOwn(known, key));
  if (other === undefined) return;
  const meant = didYouMean(other.replaceAll('_', ''), names);
  throw invalidOption(name, `made of ${names.join(', ')}`, other, meant);
}
