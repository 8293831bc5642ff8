import * as contract from './contract.ts';

/** What tests call in the page, by name. */
const calls = { ...contract };
export type Calls = typeof calls;

Object.assign(globalThis, { calls });
