import { parentPort } from 'node:worker_threads';
import { openModel } from './open-model.ts';
import { serve } from './serve.ts';

serve(parentPort!, openModel, () => performance.now());
