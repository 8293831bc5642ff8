export { main } from './main.ts';
export type { BackendEntry, Backends, OpenModelRequest } from './pair/backends.ts';
export type { Input, Sink, Terminal } from './terminal.ts';
export type { World } from './world.ts';
