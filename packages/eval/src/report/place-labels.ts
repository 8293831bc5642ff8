/** A point with a label, and the area that labels may use; all in pixels. */
export interface Labelled {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

export interface PlacedLabel {
  readonly x: number;
  /** Of the text's baseline. */
  readonly y: number;
  readonly anchor: 'start' | 'end';
  /** Far enough from its point to need a line to it. */
  readonly far: boolean;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const LINE = 14;
const GAP = 8;
const widthOf = (text: string) => 6.8 * text.length;

/**
 * Puts every label beside its point where it covers no point and no earlier label: near it where
 * there is room, otherwise above or below. In the order given, so that the same points always give
 * the same picture.
 */
export function placeLabels(
  points: readonly Labelled[],
  area: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
): readonly PlacedLabel[] {
  const taken: Box[] = points.map(({ x, y }) => ({ left: x - 5, right: x + 5, top: y - 5, bottom: y + 5 }));
  return points.map(({ x, y, text }) => {
    const width = widthOf(text);
    for (let step = 0; step < 60; step++) {
      for (const anchor of ['start', 'end'] as const) {
        // a line above, a line below, two above …: level with the point its interval is drawn
        const shift = (step % 2 === 0 ? -1 : 1) * (Math.floor(step / 2) + 0.8) * LINE;
        const at = { x: anchor === 'start' ? x + GAP : x - GAP, y: y + 4 + shift };
        const box = {
          left: anchor === 'start' ? at.x : at.x - width,
          right: anchor === 'start' ? at.x + width : at.x,
          top: at.y - LINE + 3,
          bottom: at.y + 3,
        };
        const inside =
          box.left >= area.left &&
          box.right <= area.right &&
          box.top >= area.top &&
          box.bottom <= area.bottom;
        if (!inside || taken.some((other) => overlap(box, other))) continue;
        taken.push(box);
        return { ...at, anchor, far: Math.abs(shift) > LINE };
      }
    }
    return { x: x + GAP, y: y + 4, anchor: 'start', far: false };
  });
}

const overlap = (a: Box, b: Box) =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
