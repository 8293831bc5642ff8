import { shareGpu } from './backend-on.ts';
import * as contract from './contract.ts';
import * as models from './models.ts';

/** What tests call in the page, by name. */
const calls = { shareGpu, ...contract, ...models };
export type Calls = typeof calls;

Object.assign(globalThis, { calls });
