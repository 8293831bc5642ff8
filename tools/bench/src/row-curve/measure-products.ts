import { loadGraph, type OrtRuntime } from '@judge-decoding/ort-session';
import type { InferenceSession } from 'onnxruntime-common';
import { PRODUCT_FORMS, type ProductForm, type ProductShape, productGraph } from './product-graph.ts';

export interface ProductCurve {
  readonly form: string;
  /** Milliseconds of a pass by each width, one value a turn, without the first. */
  readonly samples: readonly (readonly [rows: number, milliseconds: readonly number[]])[];
  /** Why there are none. */
  readonly refused?: string;
}

export interface MeasureProducts {
  readonly shape: ProductShape;
  readonly rows: readonly number[];
  readonly turns: number;
  /** Names of forms that are measured; all when absent. */
  readonly forms?: readonly string[];
}

/** Passes of every width through every form that a device has, in turn. */
export async function measureProducts(
  runtime: OrtRuntime,
  sessionOptions: InferenceSession.SessionOptions,
  { shape, rows, turns, forms }: MeasureProducts,
): Promise<readonly ProductCurve[]> {
  const wanted = PRODUCT_FORMS.filter(({ name }) => forms === undefined || forms.includes(name));
  const opened = await openAll(runtime, sessionOptions, wanted, shape);
  const { Tensor } = runtime;
  for (let turn = 0; turn <= turns; turn++)
    for (const count of rows) {
      const values = Float32Array.from(
        { length: count * shape.inputs },
        (_, index) => ((index * 7) % 13) / 13 - 0.5,
      );
      const feeds = { rows: new Tensor('float32', values, [count, shape.inputs]) };
      for (const { session, samples } of opened) {
        if (session === undefined) continue;
        const start = performance.now();
        await session.run(feeds);
        const took = performance.now() - start;
        if (turn > 0) samples.set(count, [...(samples.get(count) ?? []), took]);
      }
    }
  for (const { session } of opened) await session?.release();
  return opened.map(({ form, samples, refused }) => ({
    form: form.name,
    samples: [...samples],
    ...(refused === undefined ? {} : { refused }),
  }));
}

interface Opened {
  readonly form: ProductForm;
  readonly session?: InferenceSession;
  readonly samples: Map<number, number[]>;
  readonly refused?: string;
}

async function openAll(
  runtime: OrtRuntime,
  sessionOptions: InferenceSession.SessionOptions,
  forms: readonly ProductForm[],
  shape: ProductShape,
): Promise<readonly Opened[]> {
  const opened: Opened[] = [];
  for (const form of forms) {
    const samples = new Map<number, number[]>();
    try {
      const session = await loadGraph(runtime, await productGraph(form, shape), sessionOptions);
      // some are refused when they are run
      const row = new runtime.Tensor('float32', new Float32Array(shape.inputs), [1, shape.inputs]);
      await session.run({ rows: row });
      opened.push({ form, session, samples });
    } catch (error) {
      opened.push({ form, samples, refused: (error as Error).message });
    }
  }
  return opened;
}
