import { findChromium } from './find-chromium.ts';

/** Says which browser tests would run in; fails where there is none. */
const found = findChromium();
console.log(found ?? 'none');
process.exitCode = found === undefined ? 1 : 0;
