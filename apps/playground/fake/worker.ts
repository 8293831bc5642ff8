import { serveEngine } from '../src/engine/serve.ts';
import { openFakeModels } from './models.ts';

serveEngine(openFakeModels);
