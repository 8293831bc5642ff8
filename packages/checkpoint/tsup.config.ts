import { packageBuild } from '../../tsup.shared.ts';

export default packageBuild({
  platform: 'node',
  entry: ['src/index.ts', 'src/browser.ts', 'src/testing/index.ts'],
});
