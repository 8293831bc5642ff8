import type { TensorInfo } from '@judge-decoding/checkpoint';
import type { Paint } from '../render/paint.ts';
import { table } from '../render/table.ts';

export interface TensorShape {
  /** With `*` for the layer's number. */
  readonly name: string;
  readonly shape: readonly number[];
  /** How many of each type. */
  readonly types: Readonly<Record<string, number>>;
}

/** What all layers have in common is one line. */
export function tensorShapes(tensors: readonly TensorInfo[]): readonly TensorShape[] {
  const kinds = new Map<string, TensorInfo[]>();
  for (const tensor of tensors) {
    const name = tensor.name.replace(/\.\d+\./, '.*.');
    const key = `${name} ${tensor.shape.join()}`;
    kinds.set(key, [...(kinds.get(key) ?? []), tensor]);
  }
  return [...kinds].map(([key, same]) => ({
    name: key.slice(0, key.indexOf(' ')),
    shape: same[0]!.shape,
    types: countTypes(same),
  }));
}

export function shapeTable(shapes: readonly TensorShape[], paint: Paint, width: number): readonly string[] {
  const columns = [
    { title: 'tensors', align: 'left' },
    { title: 'shape', align: 'right' },
    { title: 'stored as', align: 'left' },
  ] as const;
  const rows = shapes.map(({ name, shape, types }) => [
    name.replace(/^model\./, ''),
    shape.join(' × '),
    Object.entries(types)
      .map(([type, count]) => (count === 1 ? type : `${count} ${type}`))
      .join(', '),
  ]);
  return table(columns, rows, paint, width);
}

export function countTypes(tensors: readonly TensorInfo[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of tensors) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}
