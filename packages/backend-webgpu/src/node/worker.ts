import { serveInWorker } from '@judge-decoding/backend-cpu/worker-parts';
import { openModel } from './open-model.ts';

serveInWorker(openModel);
