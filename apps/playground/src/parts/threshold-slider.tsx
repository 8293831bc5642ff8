import { useId } from 'preact/hooks';
import { positionOf, SLIDER, thresholdAt } from '../state/settings.ts';
import { sayScore } from './lane.ts';

/** A threshold from 0 to 1, on the scale of logits. */
export function ThresholdSlider({
  value,
  usual,
  onChange,
  label = 'Threshold',
  note,
}: {
  readonly value: number;
  /** Where a mark stands: the head's own, or the one that decided. */
  readonly usual: number | undefined;
  readonly onChange: (threshold: number | undefined) => void;
  readonly label?: string;
  readonly note?: string | undefined;
}) {
  const id = useId();
  return (
    <div class="field slider">
      <label for={id}>
        {label} <output class="mono">{value === 0 || value === 1 ? value : sayScore(value)}</output>
        {usual !== undefined && value !== usual && (
          <button type="button" class="link" onClick={() => onChange(undefined)}>
            back to {sayScore(usual)}
          </button>
        )}
      </label>
      <input
        id={id}
        type="range"
        min={SLIDER.least}
        max={SLIDER.most}
        step={SLIDER.step}
        value={positionOf(value)}
        aria-valuetext={`${value}${value === 1 ? ', which is strict decoding' : ''}`}
        onInput={(event) => onChange(thresholdAt(Number(event.currentTarget.value)))}
      />
      {note !== undefined && <span class="soft note">{note}</span>}
    </div>
  );
}
