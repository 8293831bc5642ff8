import { packageBuild } from '../../tsup.shared.ts';

// `arm-names` is all that a help text needs: it loads nothing
export default packageBuild({
  platform: 'node',
  entry: {
    index: 'src/index.ts',
    'arm-names': 'src/arms/arm-names.ts',
    'page-parts': 'src/report/page-parts.ts',
  },
});
