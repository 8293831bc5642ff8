import { packageBuild } from '../../tsup.shared.ts';

// `ranks` needs no library: it is what a command line checks its flags with
export default packageBuild({ platform: 'node', entry: ['src/index.ts', 'src/ranks.ts'] });
