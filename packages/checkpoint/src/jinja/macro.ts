import type { Activation } from './activation.ts';
import { typeError } from './errors.ts';
import { repr, stringRepr } from './repr.ts';
import type { Runtime } from './runtime.ts';
import type { MacroBody } from './syntax.ts';
import { Dict, type Keywords, PythonObject, Tuple, Undefined, type Value } from './values.ts';

/** What a macro was called with, one for each of its slots; `undefined` where its default is to be used. */
export interface MacroCall {
  readonly parameters: readonly (Value | undefined)[];
  readonly caller: Value | undefined;
  readonly kwargs: Dict | undefined;
  readonly varargs: Tuple | undefined;
}

export type RunMacro = (macro: MacroBody, definedIn: Activation, call: MacroCall) => string;

/** A macro, or the body of a `call`, with the variables around it. */
export class Macro extends PythonObject {
  readonly type = 'jinja2.runtime.Macro';
  readonly #body: MacroBody;
  readonly #definedIn: Activation;
  readonly #run: RunMacro;

  constructor(body: MacroBody, definedIn: Activation, run: RunMacro) {
    super();
    this.#body = body;
    this.#definedIn = definedIn;
    this.#run = run;
  }

  attribute(name: string): Value | undefined {
    const { parameters, slots } = this.#body;
    const names = parameters.map((parameter) => parameter.name);
    switch (name) {
      case 'name':
        return this.#body.name ?? null;
      case 'arguments':
        return new Tuple(names);
      case 'catch_kwargs':
        return slots!.kwargs !== undefined;
      case 'catch_varargs':
        return slots!.varargs !== undefined;
      case 'caller':
        return slots!.caller !== undefined;
      case 'explicit_caller':
        return names.includes('caller');
      default:
        return undefined;
    }
  }

  override call(runtime: Runtime, args: readonly Value[], keywords: Keywords): Value {
    const { parameters, slots } = this.#body;
    const names = parameters.map((parameter) => parameter.name);
    const rest = new Map(keywords);
    const take = (name: string): Value | undefined => {
      const value = rest.get(name);
      rest.delete(name);
      return value;
    };
    const given = names.map((name, i) => (i < args.length ? args[i] : take(name)));
    let caller: Value | undefined;
    if (slots!.caller !== undefined) {
      const passed = take('caller');
      caller = passed === undefined || passed === null ? new Undefined('No caller defined') : passed;
    }
    this.#refuseTheRest(args, rest);
    const call: MacroCall = {
      parameters: given,
      caller,
      kwargs: slots!.kwargs === undefined ? undefined : Dict.of(rest),
      varargs: slots!.varargs === undefined ? undefined : new Tuple(args.slice(names.length)),
    };
    return runtime.budget.deeper(() => this.#run(this.#body, this.#definedIn, call));
  }

  #refuseTheRest(args: readonly Value[], rest: Keywords): void {
    const { parameters, slots } = this.#body;
    const name = this.#body.name === undefined ? 'None' : stringRepr(this.#body.name);
    if (slots!.kwargs === undefined && rest.size > 0) {
      throw rest.has('caller')
        ? typeError(
            `macro ${name} was invoked with two values for the special caller argument. This is most likely a bug.`,
          )
        : typeError(`macro ${name} takes no keyword argument ${stringRepr([...rest.keys()][0]!)}`);
    }
    if (slots!.varargs === undefined && args.length > parameters.length) {
      throw typeError(`macro ${name} takes not more than ${parameters.length} argument(s)`);
    }
  }

  override text(runtime: Runtime): string {
    const { name } = this.#body;
    return name === undefined ? '<Macro anonymous>' : `<Macro ${repr(runtime, name)}>`;
  }
}
