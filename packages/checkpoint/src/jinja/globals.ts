import { bind, positionalOnly } from './arguments.ts';
import { fromKeys, makeDict } from './container-methods.ts';
import { NotSupported, PythonError, typeError, valueError } from './errors.ts';
import { Cycler, Joiner, Namespace } from './objects.ts';
import { str } from './repr.ts';
import { asIndex } from './sequences.ts';
import { strftime } from './strftime.ts';
import {
  type Call,
  isString,
  NativeFunction,
  PythonObject,
  Range,
  textOf,
  typeName,
  Undefined,
  type Value,
} from './values.ts';

const MAX_RANGE = 100_000;

/** `dict`, which transformers replaces by an object of its own. */
class DictFunction extends PythonObject {
  readonly type = 'transformers.utils.chat_template_utils.TemplateDict';

  attribute(name: string): Value | undefined {
    if (name !== 'fromkeys') return undefined;
    return new NativeFunction(
      'fromkeys',
      (runtime, args, keywords) => fromKeys(runtime, args, keywords),
      'method',
    );
  }

  override readonly call: Call = makeDict;
}

const range: Call = (_, args, keywords) => {
  if (keywords.size > 0) throw typeError('range() takes no keyword arguments');
  if (args.length === 0) throw typeError('range expected at least 1 argument, got 0');
  if (args.length > 3) throw typeError(`range expected at most 3 arguments, got ${args.length}`);
  const numbers = args.map((value) => {
    if (value instanceof Undefined) return value.raise();
    const index = asIndex(value);
    if (index === undefined)
      throw typeError(`'${typeName(value)}' object cannot be interpreted as an integer`);
    return index;
  });
  const [first, second, step = 1n] = numbers;
  if (step === 0n) throw valueError('range() arg 3 must not be zero');
  const made = second === undefined ? new Range(0n, first!, 1n) : new Range(first!, second, step);
  if (made.length > MAX_RANGE) {
    throw new PythonError(
      'OverflowError',
      `Range too big. The sandbox blocks ranges larger than MAX_RANGE (${MAX_RANGE}).`,
    );
  }
  return made;
};

const strftimeNow: Call = (runtime, args, keywords) => {
  const [format] = bind({ name: 'strftime_now', parameters: ['format'], required: 1 }, args, keywords);
  if (!isString(format!)) {
    throw typeError(`strftime() argument 1 must be str, not ${typeName(format!)}`);
  }
  const text = strftime(runtime.now(), textOf(format));
  runtime.budget.text(text.length);
  return text;
};

const raiseException: Call = (runtime, args, keywords) => {
  const [message] = bind({ name: 'raise_exception', parameters: ['message'], required: 1 }, args, keywords);
  throw new PythonError('TemplateError', str(runtime, message!));
};

const named = (name: string, call: Call, type = 'function'): [string, Value] => [
  name,
  new NativeFunction(name, call, type),
];

/** What every template can name: jinja2's globals, and those that transformers adds. */
export const globals: ReadonlyMap<string, Value> = new Map<string, Value>([
  named('range', range),
  named('raise_exception', raiseException),
  named('strftime_now', strftimeNow),
  named('namespace', (runtime, args, keywords) => Namespace.make(runtime, args, keywords), 'type'),
  named(
    'cycler',
    (_, args, keywords) => {
      positionalOnly('Cycler.__init__', args, keywords, [0, Number.POSITIVE_INFINITY]);
      return new Cycler(args);
    },
    'type',
  ),
  named(
    'joiner',
    (_, args, keywords) => {
      const [separator = ', '] = bind({ name: 'Joiner', parameters: ['sep'], required: 0 }, args, keywords);
      return new Joiner(separator);
    },
    'type',
  ),
  named('lipsum', () => {
    throw new NotSupported('lipsum');
  }),
  ['dict', new DictFunction()],
]);
