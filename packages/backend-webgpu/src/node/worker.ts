import { serveInWorker } from '@judge-decoding/backend-cpu/worker-parts';
import { inTurn } from './gpu-turn.ts';
import { openModel } from './open-model.ts';

serveInWorker(openModel, inTurn);
