import { Environment } from 'minijinja-js';
import { clock, strftime } from './setup.mjs';

/**
 * minijinja-js as near to transformers as its settings bring it; line ends as jinja2 reads them.
 * What `raise_exception` says is kept until the rendering is done: thrown through its WebAssembly, an
 * exception leaves the module unusable.
 */
let raised;
const environment = new Environment();
environment.trimBlocks = true;
environment.lstripBlocks = true;
environment.undefinedBehavior = 'lenient';
environment.enablePyCompat();
environment.addGlobal('raise_exception', (message) => {
  raised ??= String(message);
  return '';
});
environment.addGlobal('strftime_now', (format) => strftime(clock(), String(format)));

export function render(source, variables) {
  raised = undefined;
  const text = environment.renderStr(source.replace(/\r\n?/g, '\n'), variables);
  if (raised !== undefined) throw new Error(raised);
  return text;
}
