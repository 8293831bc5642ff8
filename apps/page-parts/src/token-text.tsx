import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Cell, cellsOf, type ShownToken } from './cells.ts';
import { markOf, saySource } from './say-source.ts';

export interface TokenTextProps {
  /** What the list is called by screen readers. */
  readonly label: string;
  readonly tokens: readonly ShownToken[];
  /** Shows names of special tokens, and signs for the ends of lines. */
  readonly special?: boolean;
  /** Index of the token that is looked at. */
  readonly chosen?: number | undefined;
  /** A token is hovered, focused, or left. */
  readonly onLook?: (index: number | undefined) => void;
  /** A token is clicked, or Enter pressed on it; with the shift key or without. */
  readonly onPick?: (index: number, shift: boolean) => void;
  readonly class?: string;
}

/**
 * A text as its tokens, marked by who let them in: by colour, and by underline, box or strike as well.
 * One stop for the tab key; arrows go from token to token, `w` and `b` from word to word, `n` and `p` to the next that is marked.
 */
export function TokenText(props: TokenTextProps) {
  const { label, tokens, special = false, chosen, onLook, onPick } = props;
  const cells = useMemo(() => cellsOf(tokens), [tokens]);
  const shown = special ? cells : cells.filter((cell) => cell.special === undefined);
  const list = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const moved = useRef(false);
  const current = Math.min(at, shown.length - 1);

  useLayoutEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    list.current?.querySelector<HTMLElement>(`[data-cell="${current}"]`)?.focus();
  });

  const go = (to: number) => {
    moved.current = true;
    setAt(Math.max(0, Math.min(shown.length - 1, to)));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = target(event.key, current, shown);
    if (to !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      go(to);
    } else if (event.key === 'Enter' && shown[current]) {
      event.preventDefault();
      onPick?.(shown[current].start, event.shiftKey);
    }
  };
  const cellAt = (event: Event): Cell | undefined => {
    const element = (event.target as Element).closest?.('[data-cell]');
    return element === null ? undefined : shown[Number((element as HTMLElement).dataset.cell)];
  };
  return (
    <div
      ref={list}
      class={`tokens ${props.class ?? ''}`}
      role="listbox"
      aria-label={label}
      aria-orientation="horizontal"
      onKeyDown={onKeyDown}
      onPointerOver={(event) => event.pointerType !== 'touch' && onLook?.(cellAt(event)?.start)}
      onPointerLeave={(event) => event.pointerType !== 'touch' && onLook?.(undefined)}
      onClick={(event) => {
        const cell = cellAt(event);
        if (cell === undefined) return;
        setAt(shown.indexOf(cell));
        onLook?.(cell.start);
        onPick?.(cell.start, event.shiftKey);
      }}
      onFocusIn={(event) => {
        const cell = cellAt(event);
        if (cell !== undefined) onLook?.(cell.start);
      }}
    >
      {shown.map((cell, index) => (
        <TokenCell
          key={cell.start}
          cell={cell}
          index={index}
          focusable={index === current}
          chosen={chosen !== undefined && chosen >= cell.start && chosen < cell.start + cell.count}
          special={special}
          score={tokens[cell.start]?.score ?? undefined}
        />
      ))}
    </div>
  );
}

function TokenCell({
  cell,
  index,
  focusable,
  chosen,
  special,
  score,
}: {
  readonly cell: Cell;
  readonly index: number;
  readonly focusable: boolean;
  readonly chosen: boolean;
  readonly special: boolean;
  readonly score: number | undefined;
}) {
  const mark = markOf(cell.source);
  const text = textOf(cell, special || mark !== 'standard');
  // a word is marked, not the space in front of it, which may stand at the end of another line
  const space = /^ (?=\S)/.exec(text)?.[0] ?? '';
  const said = [
    cell.special ?? (cell.broken ? 'part of a character' : readable(cell.text)),
    saySource(cell.source),
    ...(score === undefined ? [] : [`score ${score.toFixed(2)}`]),
    ...(cell.count > 1 ? [`${cell.count} tokens`] : []),
  ].join(', ');
  return (
    <span
      role="option"
      aria-selected={chosen}
      aria-label={said}
      tabIndex={focusable ? 0 : -1}
      data-cell={index}
      data-mark={mark}
    >
      {space}
      <span
        class={`t t-${mark}${chosen ? ' t-chosen' : ''}${cell.special === undefined ? '' : ' t-special'}`}
      >
        {text.slice(space.length)}
      </span>
    </span>
  );
}

/** Ends of lines are seen where they are marked, and break the line in any case. */
function textOf(cell: Cell, signs: boolean): string {
  if (cell.special !== undefined) return cell.special;
  return signs ? cell.text.replaceAll('\n', '↵\n').replaceAll('\t', '⇥\t') : cell.text;
}

const readable = (text: string): string =>
  text === '' ? 'nothing' : text.trim() === '' ? (text.includes('\n') ? 'end of line' : 'space') : text;

/** Where a key leads; undefined for keys that lead nowhere. */
function target(key: string, current: number, cells: readonly Cell[]): number | undefined {
  const marked = (from: number, step: 1 | -1) => {
    for (let i = from + step; i >= 0 && i < cells.length; i += step)
      if (cells[i]!.source !== 'standard') return i;
    return current;
  };
  const word = (from: number, step: 1 | -1) => {
    for (let i = from + step; i >= 0 && i < cells.length; i += step)
      if (/^\s|^\S+\s/.test(cells[i]!.text)) return i;
    return from;
  };
  switch (key) {
    case 'ArrowRight':
      return current + 1;
    case 'ArrowLeft':
      return current - 1;
    case 'ArrowDown':
      return current + 10;
    case 'ArrowUp':
      return current - 10;
    case 'Home':
      return 0;
    case 'End':
      return cells.length - 1;
    case 'w':
      return word(current, 1);
    case 'b':
      return word(current, -1);
    case 'n':
      return marked(current, 1);
    case 'p':
      return marked(current, -1);
    default:
      return undefined;
  }
}
