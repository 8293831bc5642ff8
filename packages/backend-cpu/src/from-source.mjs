// Starts a thread from TypeScript: `argv` names the file.
import { inOneFile } from './in-one-file.mjs';

await import(await inOneFile(process.argv[2]));
