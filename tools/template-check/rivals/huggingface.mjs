import { Environment, Interpreter, Template } from '@huggingface/jinja';
import { clock, raise, strftime } from './setup.mjs';

/** @huggingface/jinja, set up as this project had it until it got an interpreter of its own. */
export function render(source, variables) {
  const environment = new Environment();
  const all = {
    true: true,
    True: true,
    false: false,
    False: false,
    none: null,
    None: null,
    range: (a, b, step = 1) => {
      const [start, stop] = b === undefined ? [0, a] : [a, b];
      return Array.from(
        { length: Math.max(0, Math.ceil((stop - start) / step)) },
        (_, i) => start + i * step,
      );
    },
    raise_exception: raise,
    strftime_now: (format) => strftime(clock(), format),
    ...variables,
  };
  for (const [name, value] of Object.entries(all)) environment.set(name, value);
  return String(new Interpreter(environment).run(new Template(source).parsed).value);
}
