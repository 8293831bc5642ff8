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

test('a graph inside an operator has nodes, inputs and outputs of its own, and leaves weights outside', () => {
  const build = (inside: boolean) => {
    const graph = new GraphBuilder();
    graph.input('x', 'float32', [4]);
    const write = () => {
      graph.weight('w', 'float32', [4], async () => new Float32Array(4));
      graph.op('Add', ['x', 'w'], { as: 'y' });
      graph.output('y', 'float32', [4]);
    };
    const bodies = inside ? [graph.subgraph('body', write)] : [];
    for (const body of bodies) graph.op('Loop', ['n', '', 'x'], { as: 'z', attributes: { body } });
    if (!inside) write();
    return graph.build();
  };
  const [outer, flat] = [build(true), build(false)];
  expect(outer.weights).toEqual(flat.weights);
  const text = new TextDecoder('latin1').decode(outer.model);
  // the body's node lies within the operator that runs it, the weight's place after all nodes
  const [operator, node] = [text.indexOf('Loop#1'), text.indexOf('Add#0')];
  expect([operator > 0, node > operator, text.lastIndexOf('weights.bin') > node]).toEqual([true, true, true]);
});

test('held nodes come where they are let go, their weights where they were held', () => {
  const graph = new GraphBuilder();
  const letGo = graph.hold(() => {
    graph.weight('first', 'float32', [1], async () => new Float32Array(1));
    graph.op('Held', ['first']);
  });
  graph.weight('second', 'float32', [1], async () => new Float32Array(1));
  graph.op('Before', ['second']);
  letGo();
  const { model, weights } = graph.build();
  expect(weights.map(({ name }) => name)).toEqual(['first', 'second']);
  const text = new TextDecoder('latin1').decode(model);
  expect(text.indexOf('Before')).toBeLessThan(text.indexOf('Held'));
});
