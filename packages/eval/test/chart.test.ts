import { expect, test } from 'vitest';
import { placeLabels } from '../src/report/place-labels.ts';

test('labels of points in one heap cover neither each other nor a point', () => {
  const points = Array.from({ length: 9 }, (_, i) => ({ x: 100 + i, y: 200, text: `judge@0.${i}` }));
  const area = { left: 60, right: 600, top: 40, bottom: 400 };
  const placed = placeLabels(points, area);
  const boxes = placed.map(({ x, y, anchor }, i) => {
    const width = 6.8 * points[i]!.text.length;
    return { left: anchor === 'start' ? x : x - width, top: y - 11, width, height: 14 };
  });
  for (const [i, a] of boxes.entries()) {
    expect(a.left).toBeGreaterThanOrEqual(area.left);
    for (const b of boxes.slice(i + 1)) {
      const apart = Math.abs(a.top - b.top) >= 14 || a.left + a.width <= b.left || b.left + b.width <= a.left;
      expect(apart).toBe(true);
    }
  }
  expect(placed).toEqual(placeLabels(points, area));
});
