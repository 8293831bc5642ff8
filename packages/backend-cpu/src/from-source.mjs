// Starts a thread from TypeScript: `argv` names the file.
import { register } from 'tsx/esm/api';

register();
await import(process.argv[2]);
