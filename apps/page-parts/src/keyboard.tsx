import { useLayoutEffect } from 'preact/hooks';
import { Dialog } from './dialog.tsx';

/** A key and what it does. `key` is as in `KeyboardEvent.key`; several with a space between are shown as such. */
export interface Shortcut {
  readonly key: string;
  readonly does: string;
  /** Absent for keys that a part of the page answers itself (arrows in a list). */
  readonly run?: () => void;
}

export interface ShortcutGroup {
  readonly title: string;
  readonly shortcuts: readonly Shortcut[];
}

/** Keys for the whole page. They are left alone while somebody types, and with Ctrl, Alt or Cmd. */
export function useShortcuts(groups: readonly ShortcutGroup[]): void {
  // before anybody can see the page: a key pressed at once must not be lost
  useLayoutEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const found = groups
        .flatMap(({ shortcuts }) => shortcuts)
        .find(({ key, run }) => run && key === event.key);
      if (found === undefined) return;
      event.preventDefault();
      found.run!();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [groups]);
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ||
    target.closest('dialog') !== null);

/** The list of keys, as `?` opens it. */
export function KeyboardHelp({
  groups,
  onClose,
}: {
  readonly groups: readonly ShortcutGroup[];
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      {groups.map(({ title, shortcuts }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl class="keys">
            {shortcuts.map(({ key, does }) => (
              <div key={key}>
                <dt>
                  {key.split(' ').map((one) => (
                    <kbd key={one}>{SIGNS[one] ?? one}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </Dialog>
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: '←',
  ArrowRight: '→',
  ArrowUp: '↑',
  ArrowDown: '↓',
  Escape: 'Esc',
};
