import { useLayoutEffect, useState } from 'preact/hooks';
import { ProblemBox } from '../play/problem-box.tsx';
import { clock, finishLine, lanes, measuring, onDevice, race, raced } from '../state/race.ts';
import { AcceptancePlot } from './acceptance-plot.tsx';
import { RaceLane } from './race-lane.tsx';
import { seconds } from './seconds.ts';

/** Plain, strict and judge on the same problem, shown on one clock. */
export function RaceView() {
  return (
    <div class="column wide">
      <ProblemBox action={{ label: 'Race', run: () => void race() }} />
      {lanes.value.length === 0 ? (
        <section class="card introduction" aria-label="What the race is">
          <h2 class="title">Three ways to the same answer</h2>
          <p class="lead">
            Plain decoding of the target, strict verification of the draft, and your rule, on the same
            problem. They run one after another, so that none slows another down, and are then shown on one
            clock.
          </p>
        </section>
      ) : (
        <>
          <section class="card" aria-label="The race">
            <div class="section-head">
              <h2>The race</h2>
              <p class="soft" role="status">
                {measuring.value === undefined
                  ? `One after another on ${onDevice.value ?? 'this device'}, one problem, once: a look, not a measurement.`
                  : measuring.value === 'warming up'
                    ? 'Warming up; then each runs alone.'
                    : `${measuring.value} is running, alone.`}
              </p>
            </div>
            <ol class="lanes">
              {lanes.value.map((lane) => (
                <RaceLane
                  key={lane.name}
                  lane={lane}
                  time={raced.value ? clock.value : Number.POSITIVE_INFINITY}
                  until={finishLine.value}
                  most={1 + Math.max(...lanes.value.map(({ draftLength }) => draftLength))}
                  plain={lanes.value.find(({ draftLength }) => draftLength === 0)}
                />
              ))}
            </ol>
            {raced.value && <Clock />}
          </section>
          {raced.value && <AcceptancePlot lanes={lanes.value.filter(({ draftLength }) => draftLength > 0)} />}
        </>
      )}
    </div>
  );
}

/** Keys that move a slider: who presses one has taken hold of the clock. */
const MOVES = /^(Home|End|Page|Arrow)/;

/** Plays the race again, at its own speed or slower. */
function Clock() {
  const [playing, setPlaying] = useState(() => !matchMedia('(prefers-reduced-motion: reduce)').matches);
  const [speed, setSpeed] = useState(1);
  const until = finishLine.value;
  // before anybody can see the clock, and once: who stops it at its beginning wants it there
  useLayoutEffect(() => {
    if (!playing && clock.value === 0) clock.value = until;
  }, []);
  useLayoutEffect(() => {
    if (!playing) return;
    if (clock.value >= until) clock.value = 0;
    let frame = 0;
    let last = performance.now();
    const step = (now: number) => {
      clock.value = Math.min(until, clock.value + (now - last) * speed);
      last = now;
      if (clock.value < until) frame = requestAnimationFrame(step);
      else setPlaying(false);
    };
    frame = requestAnimationFrame(step);
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, until]);
  return (
    <div class="clock">
      <button type="button" onClick={() => setPlaying(!playing)}>
        {playing ? 'Pause' : clock.value >= until ? 'Again' : 'Go on'}
      </button>
      <input
        type="range"
        aria-label="Clock"
        aria-valuetext={seconds(clock.value)}
        min={0}
        max={until}
        step={Math.max(1, until / 1000)}
        value={clock.value}
        onInput={({ currentTarget }) => {
          setPlaying(false);
          clock.value = Number(currentTarget.value);
        }}
        onKeyDown={({ key }) => {
          // a slider that stands at its beginning already says nothing of Home
          if (MOVES.test(key)) setPlaying(false);
          if (key === 'Home') clock.value = 0;
        }}
      />
      <output class="mono">{seconds(clock.value)}</output>
      <select
        aria-label="Speed of the clock"
        value={speed}
        onChange={({ currentTarget }) => setSpeed(Number(currentTarget.value))}
      >
        <option value={1}>as it was</option>
        <option value={0.5}>half</option>
        <option value={0.2}>a fifth</option>
      </select>
    </div>
  );
}
