import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cudaBackend, type DeviceInfo, devicesOf, type Engine } from '@judge-decoding/backend-cuda';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { complete, draftSession, JudgeDecodingError, type Session } from '@judge-decoding/core';
import { textOf, uniforms } from './numbers.ts';
import { eachItem, type Part, type Run, withModel } from './run.ts';

/** What was done, what came of it, and what device memory was before and after. Bytes. */
export interface FaultResult {
  readonly done: string;
  /** `kept`: a typed error where one was due, everything else usable, memory given back. */
  readonly outcome: 'kept' | 'broken';
  readonly seen: string;
  readonly memoryBefore: number;
  readonly memoryAfter: number;
}

/** A driver keeps some of what it was given: a leak of each of a hundred cycles is far more. */
const ALLOWED_GROWTH = 64 * 1024 * 1024;

type Check = (run: Run) => Promise<string>;

export const faults: Part = (run) => {
  const items = Object.entries(CHECKS).map(([name, item]) => ({ name, item }));
  return eachItem(run, items, (check, name) => examine(run, name, check));
};

async function examine(run: Run, done: string, check: Check): Promise<FaultResult> {
  // what the first model leaves in the driver is no leak
  await withModel(run, modelOf(run), { contextLength: 64 }, async (model) => {
    await (await model.openSession()).forward([1, 2], { argmax: true });
  });
  const memoryBefore = await used(run);
  const seen = await check(run).then(
    (text) => ({ outcome: 'kept' as const, text }),
    (error: unknown) => ({
      outcome: 'broken' as const,
      text: error instanceof Error ? error.message : String(error),
    }),
  );
  const memoryAfter = await used(run);
  const grown = memoryAfter - memoryBefore;
  const leaked = grown > ALLOWED_GROWTH;
  if (seen.outcome === 'broken' || leaked) run.say(`  broken: ${seen.text}; memory grew by ${grown} bytes`);
  return {
    done,
    outcome: leaked ? 'broken' : seen.outcome,
    seen: leaked ? `${seen.text}; memory grew by ${grown} bytes` : seen.text,
    memoryBefore,
    memoryAfter,
  };
}

const CHECKS: Readonly<Record<string, Check>> = {
  '100 models opened, used and disposed': async (run) => {
    const cycles = run.quick ? 5 : 100;
    for (let cycle = 0; cycle < cycles; cycle++) {
      await withModel(run, modelOf(run), { contextLength: 256 }, async (model) => {
        const [target, draft] = [await model.openSession(), await model.openSession()];
        const prompt = textOf(uniforms(cycle), 20, model.info.vocabSize);
        const drafted = draftSession(model, draft);
        await complete({ model: model.info, target, draft: drafted, prompt, maxTokens: 20 });
        // every second one leaves its sessions to the model
        if (cycle % 2 === 0) await Promise.all([target.dispose(), draft.dispose()]);
      });
    }
    return `${cycles} cycles`;
  },

  'a model that does not fit': async ({ engine, device }) =>
    refused('device', () => cudaBackend({ engine, device }).open('synthetic:llama-3.1-405b:bf16')),

  'out of memory while a model is made': async (run) => {
    // the estimate is passed over, so that the device itself has to say no
    const device: DeviceInfo = { ...(await run.engine.device(0)), memoryFree: 1e15, memoryTotal: 1e15 };
    const optimist: Engine = Object.assign(Object.create(run.engine) as Engine, {
      deviceCount: () => run.engine.deviceCount(),
      device: async () => device,
      modelBytes: () => 1,
      sessionBytes: () => 1,
      createModel: (shape: Parameters<Engine['createModel']>[0]) => run.engine.createModel(shape),
    });
    const said = await refused('device', () =>
      cudaBackend({ engine: optimist, device: run.device }).open('synthetic:llama-3.1-405b:bf16'),
    );
    return `${said}; ${await stillWorks(run)}`;
  },

  'out of memory while sessions are opened': (run) =>
    withModel(run, modelOf(run), { contextLength: run.quick ? 512 : 32_768 }, async (model) => {
      const sessions: Session[] = [];
      const said = await refused('device', async () => {
        for (let count = 0; count < 100_000; count++) sessions.push(await model.openSession());
      });
      for (const session of [sessions[0]!, sessions.at(-1)!])
        await session.forward([1, 2, 3], { argmax: true });
      await sessions.pop()!.dispose();
      sessions.push(await model.openSession());
      return `${sessions.length} sessions, then: ${said}; the others went on, and one more could be opened after one was disposed`;
    }),

  'a context that does not fit': async ({ engine, device, quick }) =>
    refused('device', () =>
      cudaBackend({ engine, device }).open(
        quick ? 'synthetic:random:hidden=64,context=16000000' : 'synthetic:llama-3.1-8b:bf16',
        {
          contextLength: quick ? 8_000_000 : 131_072,
          sessions: quick ? 1 : 12,
        },
      ),
    ),

  'a file that is cut': async (run) => {
    const folder = await mkdtemp(join(tmpdir(), 'judge-gpu-faults-'));
    try {
      await makeTinyCheckpoint(folder, { dtype: 'bf16' });
      const file = join(folder, 'model.safetensors');
      const whole = await readFile(file);
      let said = '';
      for (const length of [0, 100, whole.length >> 1, whole.length - 1]) {
        await writeFile(file, whole);
        await truncate(file, length);
        said = await refused('invalid-file', () =>
          cudaBackend({ engine: run.engine, device: run.device }).open(folder),
        );
      }
      return said;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },

  'disposed at any moment of a long pass': async (run) => {
    const waits: number[] = [];
    const tries = run.quick ? 2 : 20;
    for (let count = 0; count < tries; count++) {
      await withModel(
        run,
        run.quick ? modelOf(run) : 'synthetic:qwen2.5-1.5b:bf16',
        { contextLength: 8192 },
        async (model) => {
          const session = await model.openSession();
          const tokens = textOf(uniforms(count), run.quick ? 200 : 8000, model.info.vocabSize);
          const running = session.forward(tokens, { argmax: true }).then(
            () => 'finished',
            (error: unknown) => (JudgeDecodingError.is(error, 'aborted') ? 'aborted' : String(error)),
          );
          await new Promise((resolve) => setTimeout(resolve, (count * 7) % 100));
          const from = performance.now();
          await model.dispose();
          waits.push(performance.now() - from);
          const outcome = await running;
          if (outcome !== 'finished' && outcome !== 'aborted') throw new Error(outcome);
        },
      );
    }
    return `${tries} times, the longest wait ${Math.max(...waits).toFixed(0)} ms; ${await stillWorks(run)}`;
  },

  'the event loop while the device works': (run) =>
    withModel(
      run,
      run.quick ? modelOf(run) : 'synthetic:llama-3.1-8b:bf16',
      { contextLength: 4096 },
      async (model) => {
        const session = await model.openSession();
        const tokens = textOf(uniforms(3), run.quick ? 100 : 4000, model.info.vocabSize);
        let [last, longest, turns] = [performance.now(), 0, 0];
        const timer = setInterval(() => {
          turns++;
          longest = Math.max(longest, performance.now() - last);
          last = performance.now();
        }, 1);
        const from = performance.now();
        await session.forward(tokens, { argmax: true });
        const took = performance.now() - from;
        clearInterval(timer);
        // a loop that is blocked turns once at most; one on a busy machine turns seldom
        if (took > 100 && turns < 3)
          throw new Error(`blocked for ${longest.toFixed(0)} of ${took.toFixed(0)} ms`);
        return `a pass of ${took.toFixed(0)} ms; the longest time between two turns of the loop was ${longest.toFixed(1)} ms`;
      },
    ),
};

const modelOf = ({ quick }: Run): string =>
  quick
    ? 'synthetic:random:hidden=64,layers=2,heads=2,kv=1,headDim=32,ff=96,rows=256:int8'
    : 'synthetic:llama-3.2-1b:int8';

async function used({ engine, device }: Pick<Run, 'engine' | 'device'>): Promise<number> {
  const { memoryTotal, memoryFree } = await engine.device(devicesOf(device)[0]!);
  return memoryTotal - memoryFree;
}

/** The sentence of the refusal; throws where there was none, or another. */
async function refused(code: string, work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (JudgeDecodingError.is(error) && error.code === code) return error.message;
    throw error;
  }
  throw new Error(`Expected a refusal with code ${code}, got none.`);
}

async function stillWorks(run: Run): Promise<string> {
  await withModel(run, modelOf(run), { contextLength: 64 }, async (model) => {
    await (await model.openSession()).forward([1, 2], { argmax: true });
  });
  return 'another model could be opened and used afterwards';
}
