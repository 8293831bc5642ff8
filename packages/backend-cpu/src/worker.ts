import { openModel } from './open-model.ts';
import { serveInWorker } from './serve-in-worker.ts';

serveInWorker(openModel);
