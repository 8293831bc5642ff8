import { mergeConfig } from 'vitest/config';
import { packageTests } from '../../vitest.shared.ts';

// files run one at a time, and what they import takes longer than some of them
export default mergeConfig(packageTests(), { test: { isolate: false } });
