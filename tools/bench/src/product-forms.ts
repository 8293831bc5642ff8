/**
 * What ONNX Runtime needs for a product by a quantised matrix, form by form and by the rows of a
 * pass, and whether a pass of several rows gives the bits of smaller passes.
 * `npx tsx src/product-forms.ts [--shape 1536x17920] [--copies 6] [--threads 2] [--rows 1,17,128] [--turns 8]`
 *
 * Every form has matrices of its own, together larger than the processor's cache, of random codes.
 */
import { randomFillSync } from 'node:crypto';
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FoldedForm, foldedForm, GraphBuilder } from '@judge-decoding/onnx/testing';
import * as ort from 'onnxruntime-node';
import { type Arm, interleave, median, printMachine, processorMedian, quiet } from './interleave.ts';
import { flag, inFolder } from './workspace.ts';

interface Form {
  readonly bits: 2 | 4 | 8;
  readonly block: number;
  /** `apart`: besides, a float32 product of the input's block sums; `folded`: as \`DecoderWeights\` has them. */
  readonly offsets?: 'apart' | 'folded';
  /** A matrix of two digits: as many columns again, by the same input. */
  readonly twice?: boolean;
}

const FORMS: readonly Form[] = [
  { bits: 2, block: 64 },
  { bits: 4, block: 16 },
  { bits: 4, block: 32 },
  { bits: 4, block: 32, offsets: 'apart' },
  { bits: 4, block: 32, offsets: 'folded' },
  { bits: 4, block: 32, twice: true },
  { bits: 4, block: 64 },
  { bits: 8, block: 16 },
  { bits: 8, block: 32 },
  { bits: 8, block: 64 },
  { bits: 8, block: 128 },
];
/** Rows of the pass that is read again in smaller ones. */
const WHOLE = 17;
const MICROSOFT = { domain: 'com.microsoft' } as const;

const [inputs, outputs] = flag('shape', '1536x17920').split('x').map(Number) as [number, number];
const copies = Number(flag('copies', '6'));
const threads = Number(flag('threads', '2'));
const turns = Number(flag('turns', '8'));

/** `copies` matrices of one form; `first` is the first one's product, `firsts` a column of each. */
async function write(folder: string, { bits, block, offsets, twice = false }: Form): Promise<string> {
  const weightsFile = `${bits}-${block}-${offsets}-${twice}.bin`;
  const graph = new GraphBuilder({ weightsFile });
  graph.input('rows', 'float32', ['rows', inputs]);
  const own = Math.ceil(inputs / block);
  const folded = offsets === 'folded' ? foldedForm(inputs, { bits: 4, block: 32, offsets: true }) : undefined;
  const width = folded?.columns ?? (twice ? 2 * inputs : inputs);
  const blocks = Math.ceil(width / block);
  const read = widened(graph, { width, block, folded, twice });
  const scales = async () => Float32Array.from({ length: outputs * blocks }, () => 0.01 * Math.random());
  const columns: string[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const [codes, scale, offset] = [`codes_${copy}`, `scales_${copy}`, `offsets_${copy}`];
    const bytes = (block * bits) / 8;
    graph.weight(codes, 'uint8', [outputs, blocks, bytes], async () =>
      randomFillSync(new Uint8Array(outputs * blocks * bytes)),
    );
    graph.weight(scale, 'float32', [outputs * blocks], scales);
    const zeros = `zeros_${copy}`;
    if (folded !== undefined) {
      const bytes = Math.ceil((blocks * bits) / 8);
      graph.weight(zeros, 'uint8', [outputs, bytes], async () =>
        randomFillSync(new Uint8Array(outputs * bytes)),
      );
    }
    let product = graph.op('MatMulNBits', [read, codes, scale, ...(folded ? [zeros] : [])], {
      ...MICROSOFT,
      attributes: { K: width, N: outputs, bits, block_size: block, accuracy_level: 4 },
    });
    if (offsets === 'apart') {
      graph.weight(offset, 'float32', [outputs, own], scales);
      const apart = graph.op('Reshape', ['rows', graph.ints(-1, own, block)]);
      const sums = graph.op('ReduceSum', [apart, graph.ints(2)], { attributes: { keepdims: 0 } });
      const shift = graph.op('FusedMatMul', [sums, offset], { ...MICROSOFT, attributes: { transB: 1 } });
      product = graph.op('Add', [product, shift]);
    }
    if (copy === 0) graph.op('Identity', [product], { as: 'first' });
    columns.push(graph.op('Slice', [product, graph.ints(0), graph.ints(1), graph.ints(1)]));
  }
  graph.op('Concat', columns, { as: 'firsts', attributes: { axis: 1 } });
  graph.output('first', 'float32', ['rows', outputs]);
  graph.output('firsts', 'float32', ['rows', copies]);
  const built = graph.build();
  const file = await open(join(folder, weightsFile), 'w');
  for (const { tensors, parts } of built.sources) {
    for await (const [bytes] of parts()) await file.write(bytes!, 0, bytes!.byteLength, tensors[0]!.offset);
  }
  await file.close();
  const path = join(folder, `${weightsFile}.onnx`);
  await writeFile(path, built.model);
  return path;
}

/** The input of a product, once for all copies. */
function widened(
  graph: GraphBuilder,
  {
    width,
    block,
    folded,
    twice,
  }: {
    readonly width: number;
    readonly block: number;
    readonly folded?: FoldedForm | undefined;
    readonly twice: boolean;
  },
): string {
  if (twice) return graph.op('Concat', ['rows', 'rows'], { attributes: { axis: 1 } });
  if (folded === undefined) return 'rows';
  const apart = graph.op('Reshape', ['rows', graph.ints(-1, folded.blocks, block)]);
  const sums = graph.op('ReduceSum', [apart, graph.ints(2)], { attributes: { keepdims: 1 } });
  const digits = graph.op('Mul', [
    sums,
    graph.constant('digits', 'float32', [2], Float32Array.of(1, 1 / 16)),
  ]);
  const columns = folded.digits * folded.blocks;
  const flat = graph.op('Reshape', [digits, graph.ints(-1, columns)]);
  const filled = graph.op('Pad', [flat, graph.ints(0, 0, 0, width - inputs - columns)]);
  return graph.op('Concat', ['rows', filled], { attributes: { axis: 1 } });
}

const named = ({ bits, block, offsets, twice }: Form) =>
  `${bits} bits, blocks of ${block}${offsets ? `, offsets ${offsets}` : ''}${twice ? ', two digits' : ''}`;

/** How many numbers of a pass differ when it is read in passes of `size` rows. */
async function differing(session: ort.InferenceSession, rows: Float32Array, size: number): Promise<number> {
  const read = async (from: number, to: number) => {
    const part = new ort.Tensor('float32', rows.slice(from * inputs, to * inputs), [to - from, inputs]);
    return (await session.run({ rows: part }, ['first'])).first!.data as Float32Array;
  };
  const whole = await read(0, WHOLE);
  let count = 0;
  for (let from = 0; from < WHOLE; from += size) {
    const part = await read(from, Math.min(WHOLE, from + size));
    count += part.reduce((sum, value, index) => sum + Number(value !== whole[from * outputs + index]), 0);
  }
  return count;
}

await inFolder(async (folder) => {
  printMachine();
  console.log(`${copies} matrices of ${outputs} rows and ${inputs} columns, ${threads} threads\n`);
  const sessions: { readonly form: Form; readonly session: ort.InferenceSession }[] = [];
  for (const form of FORMS) {
    const session = await ort.InferenceSession.create(await write(folder, form), {
      intraOpNumThreads: threads,
      // as the backend has it
      extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '50' } } },
    });
    sessions.push({ form, session });
  }
  const random = (rows: number) => Float32Array.from({ length: rows * inputs }, () => Math.random() - 0.5);

  console.log(
    '| rows | form | median ms | quietest tenth | processor ms |\n| ---: | --- | ---: | ---: | ---: |',
  );
  for (const rows of flag('rows', '1,17,128').split(',').map(Number)) {
    const feeds = { rows: new ort.Tensor('float32', random(rows), [rows, inputs]) };
    const arms: Record<string, Arm> = {};
    for (const { form, session } of sessions) {
      arms[named(form)] = async () => {
        await session.run(feeds, ['firsts']);
        return copies;
      };
    }
    for (const timing of await interleave(arms, { turns })) {
      const cells = [median(timing), quiet(timing), processorMedian(timing)].map((ms) => ms.toFixed(3));
      console.log(`| ${rows} | ${timing.name} | ${cells.join(' | ')} |`);
    }
  }

  console.log(`\n${WHOLE} rows in smaller passes, numbers of ${WHOLE * outputs} with other bits:\n`);
  console.log('| form | by 1 | by 2 | by 3 |\n| --- | ---: | ---: | ---: |');
  const rows = random(WHOLE);
  for (const { form, session } of sessions) {
    const counts = [];
    for (const size of [1, 2, 3]) counts.push(await differing(session, rows, size));
    console.log(`| ${named(form)} | ${counts.join(' | ')} |`);
  }
});
