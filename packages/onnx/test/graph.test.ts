import { expect, test } from 'vitest';
import { GraphBuilder } from '../src/graph.ts';

test('weights lie one after another, each on a boundary of 64 bytes', async () => {
  const graph = new GraphBuilder({ weightsFile: 'w.bin' });
  for (const [name, length] of [
    ['a', 3],
    ['b', 16],
    ['c', 17],
  ] as const) {
    graph.weight(name, 'float32', [length], async () => new Float32Array(length).fill(length));
  }
  const { weights, sources, weightsFile } = graph.build();
  expect(weightsFile).toBe('w.bin');
  expect(weights.map(({ name, offset, byteLength }) => [name, offset, byteLength])).toEqual([
    ['a', 0, 12],
    ['b', 64, 64],
    ['c', 128, 68],
  ]);
  expect(sources.map(({ tensors }) => tensors)).toEqual(weights.map((tensor) => [tensor]));
  const parts: number[][] = [];
  for await (const part of sources[0]!.parts()) parts.push(part.map(({ byteLength }) => byteLength));
  expect(parts).toEqual([[12]]);
});

test('equal constants are stored once', () => {
  const graph = new GraphBuilder();
  expect(graph.ints(1, -1)).toBe(graph.ints(1, -1));
  expect(graph.ints(1)).not.toBe(graph.ints(2));
});

test('the same calls give the same bytes', () => {
  const build = () => {
    const graph = new GraphBuilder();
    graph.input('x', 'float32', ['rows', 4]);
    graph.op('Softmax', ['x'], { as: 'y', attributes: { axis: -1 } });
    graph.output('y', 'float32', ['rows', 4]);
    return graph.build().model;
  };
  expect(build()).toEqual(build());
});
