// In a clone `judge` runs the sources: nothing is built, and an edit is seen at once.
import * as module from 'node:module';
import { register } from 'tsx/esm/api';

/** Workspace packages are found by their sources. */
export function resolve(specifier, context, next) {
  return next(specifier, { ...context, conditions: [...context.conditions, '@judge-decoding/source'] });
}

export function fromSource() {
  register();
  if (module.registerHooks) module.registerHooks({ resolve });
  else module.register(import.meta.url);
}
