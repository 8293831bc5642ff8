/** `judge` as it is in the sources, or in the builds where the benchmark runs on those. */
import { main } from '@judge-decoding/cli';

process.exitCode = await main(process.argv.slice(2));
