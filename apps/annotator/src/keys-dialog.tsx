import { Dialog } from '@judge-decoding/page-parts';
import { useState } from 'preact/hooks';
import { ACTIONS, type Action, keys, remap } from './keys.ts';

/** All keys; a click on one, and the next key that is pressed takes its place. */
export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const [waiting, setWaiting] = useState<Action>();
  return (
    <Dialog title="Keys" onClose={onClose}>
      <p class="soft">Click a key, then press another one for it.</p>
      <dl class="keys">
        {(Object.keys(ACTIONS) as Action[]).map((action) => (
          <div key={action}>
            <dt>
              <button
                type="button"
                class="remap"
                aria-label={`${ACTIONS[action][1]}: key ${keys.value[action]}. Change it.`}
                onClick={() => setWaiting(action)}
                onKeyDown={(event) => {
                  if (waiting !== action || event.key.length !== 1 || event.ctrlKey || event.metaKey) return;
                  event.preventDefault();
                  remap(action, event.key);
                  setWaiting(undefined);
                }}
              >
                <kbd>{waiting === action ? '…' : keys.value[action]}</kbd>
              </button>
            </dt>
            <dd>{ACTIONS[action][1]}</dd>
          </div>
        ))}
        <div>
          <dt>
            <kbd>←</kbd>
            <kbd>→</kbd>
          </dt>
          <dd>from token to token</dd>
        </div>
        <div>
          <dt>
            <kbd>↑</kbd>
            <kbd>↓</kbd>
          </dt>
          <dd>ten tokens</dd>
        </div>
        <div>
          <dt>
            <kbd>w</kbd>
            <kbd>b</kbd>
          </dt>
          <dd>to the next word, or back</dd>
        </div>
        <div>
          <dt>
            <kbd>Enter</kbd>
          </dt>
          <dd>mark this token; once more: done</dd>
        </div>
      </dl>
    </Dialog>
  );
}
