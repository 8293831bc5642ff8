import { useId, useState } from 'preact/hooks';
import { DEVICES, type Device } from '../engine/protocol.ts';
import { sayScore } from '../parts/lane.ts';
import { ThresholdSlider } from '../parts/threshold-slider.tsx';
import { choosePair, ownPair, pair } from '../state/pair.ts';
import { asked, change, DRAFT_LENGTHS, OFFERED, settings } from '../state/settings.ts';
import { OwnPairDialog } from './own-pair-dialog.tsx';

/** Of the pocket pair, as this page has it. */
declare const POCKET_MEGABYTES: number;

const SAID: Readonly<Record<Device, string>> = {
  wasm: 'processor',
  webgpu: 'GPU (WebGPU)',
};

/** A head that is not open yet has no threshold that could be shown. */
const UNKNOWN_THRESHOLD = 0.99;

/** Which models, where, and under which rule. */
export function SettingsBar() {
  const { device, rule, threshold, custom, draftLength } = settings.value;
  const [choosing, setChoosing] = useState(false);
  const opened = pair.value.kind === 'open' ? pair.value.opened : undefined;
  const head = opened?.head;
  const ids = { pair: useId(), device: useId(), rule: useId(), custom: useId(), draft: useId() };
  const hasGpu = 'gpu' in navigator;
  const invalid = 'fault' in asked.value ? asked.value.fault : undefined;
  return (
    <div class="settings">
      <div class="field">
        <label for={ids.pair}>
          Models{settings.value.pair === 'pocket' && <span class="soft">, {POCKET_MEGABYTES} MB</span>}
        </label>
        <select
          id={ids.pair}
          value={settings.value.pair}
          onChange={({ currentTarget }) => {
            if (currentTarget.value === 'pocket') choosePair(undefined);
            else {
              currentTarget.value = settings.value.pair;
              setChoosing(true);
            }
          }}
        >
          <option value="pocket">pocket pair</option>
          {ownPair.value && <option value="own">{ownPair.value.name}</option>}
          <option value="choose">your own…</option>
        </select>
      </div>
      <div class="field">
        <label for={ids.device}>Runs on</label>
        <select
          id={ids.device}
          value={device}
          onChange={({ currentTarget }) => change({ device: currentTarget.value as Device })}
        >
          {DEVICES.map((name) => (
            <option key={name} value={name} disabled={name === 'webgpu' && !hasGpu}>
              {SAID[name]}
              {name === 'webgpu' && !hasGpu ? ': not in this browser' : ''}
            </option>
          ))}
        </select>
      </div>
      <div class="field rule">
        <label for={ids.rule}>Rule</label>
        <select
          id={ids.rule}
          value={rule}
          onChange={({ currentTarget }) => change({ rule: currentTarget.value })}
        >
          {OFFERED.map(({ name, sentence, lossless }) => (
            <option key={name} value={name} title={sentence}>
              {name}
              {lossless ? ' (lossless)' : ''}
            </option>
          ))}
          <option value="custom">write one…</option>
        </select>
      </div>
      {rule === 'judge' && (
        <ThresholdSlider
          value={threshold ?? head?.threshold ?? UNKNOWN_THRESHOLD}
          usual={head?.threshold}
          onChange={(next) => change({ threshold: next })}
          note={noteOf(threshold ?? head?.threshold, head?.calibration)}
        />
      )}
      {rule === 'custom' && (
        <div class="field">
          <label for={ids.custom}>Rule as --verify takes it</label>
          <input
            id={ids.custom}
            type="text"
            value={custom}
            maxLength={200}
            spellcheck={false}
            aria-invalid={invalid !== undefined}
            onInput={({ currentTarget }) => change({ custom: currentTarget.value })}
          />
          {invalid !== undefined && (
            <span class="fault" role="alert">
              {invalid}
            </span>
          )}
        </div>
      )}
      <div class="field slider">
        <label for={ids.draft}>
          Draft length <output class="mono">{draftLength}</output>
        </label>
        <input
          id={ids.draft}
          type="range"
          min={DRAFT_LENGTHS.least}
          max={DRAFT_LENGTHS.most}
          value={draftLength}
          onInput={({ currentTarget }) => change({ draftLength: Number(currentTarget.value) })}
        />
      </div>
      {choosing && <OwnPairDialog onClose={() => setChoosing(false)} />}
    </div>
  );
}

/** What the head's own figures say of a threshold: the point of its table that is nearest from below. */
function noteOf(
  threshold: number | undefined,
  calibration: readonly { threshold: number; wrongStopped: number; correctAdmitted: number }[] | undefined,
): string | undefined {
  if (threshold === undefined) return undefined;
  if (threshold === 1) return 'Nothing is let in: strict decoding.';
  const point = calibration?.filter((each) => each.threshold <= threshold).at(-1);
  if (point === undefined) return undefined;
  const share = (value: number) => `${(100 * value).toFixed(value > 0.99 ? 1 : 0)}\u00a0%`;
  return `From ${sayScore(point.threshold)} on it stopped ${share(point.wrongStopped)} of wrong tokens and let in ${share(point.correctAdmitted)} of right ones.`;
}
