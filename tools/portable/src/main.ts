import { main } from '@judge-decoding/cli';

const code = await main(process.argv.slice(2));
// after Ctrl-C (130) or SIGTERM (143) nobody waits for timers and pipes
if (code === 130 || code === 143) process.exit(code);
process.exitCode = code;
