import { cpuBackend } from '../src/index.ts';

const [location, cacheFolder] = process.argv.slice(2);
const model = await cpuBackend({ cacheFolder: cacheFolder! }).open(location!);
await model.dispose();
