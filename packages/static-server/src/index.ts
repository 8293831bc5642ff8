export { type Mount, type RunningServer, type ServeOptions, serve } from './serve.ts';
