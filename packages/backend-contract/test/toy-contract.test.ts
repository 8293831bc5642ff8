import { afterAll, beforeAll, describe, test } from 'vitest';
import { describeBackend } from '../src/index.ts';
import { toySubject } from './toy-subject.ts';

describeBackend('toy', () => toySubject(), { describe, test, beforeAll, afterAll });
