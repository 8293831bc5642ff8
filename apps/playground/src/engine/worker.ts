import { openModels } from './open-models.ts';
import { serveEngine } from './serve.ts';

serveEngine(openModels);
