import { Context } from './activation.ts';
import { getAttribute, getItem } from './attributes.ts';
import { Budget } from './budget.ts';
import { filters } from './filters/index.ts';
import { globals } from './globals.ts';
import { parseTemplate } from './parse-template.ts';
import { render } from './render.ts';
import { resolveTemplate } from './resolve-names.ts';
import { tests } from './tests.ts';
import { fromJson } from './values.ts';

export { NotSupported, PythonError, TemplateLimit } from './errors.ts';

export interface RenderOptions {
  /** What `strftime_now` reads. */
  readonly now: () => Date;
}

export interface JinjaTemplate {
  /** Renders with variables that are JSON. Bounded in steps, in size and in depth. */
  render(variables: Readonly<Record<string, unknown>>, options: RenderOptions): string;
}

/**
 * Reads a template of jinja2 as transformers sets it up: blocks trimmed, loop controls, `generation`,
 * immutable values in a sandbox. What it renders is what Python renders; what it cannot render it
 * refuses by name. Pure JavaScript without dependencies, for browsers too.
 *
 * @throws PythonError where Python raises, NotSupported for what only Python can, TemplateLimit
 */
export function compileTemplate(source: string): JinjaTemplate {
  const resolved = resolveTemplate(parseTemplate(source), { filters, tests });
  return {
    render(variables, { now }) {
      const given = Object.entries(variables).map(([name, value]) => [name, fromJson(value)] as const);
      const context = new Context(new Map([...globals, ...given]));
      return render(resolved, { budget: new Budget(), now, getAttribute, getItem, filters, tests }, context);
    },
  };
}
