import { Scroll } from '../parts/scroll.tsx';
import { acceptanceOf, type Lane } from '../state/race.ts';

const [WIDTH, HEIGHT] = [640, 240];
const MARGIN = { left: 58, right: 8, top: 12, bottom: 50 };

/** In which share of the rounds each place of the draft was kept, and by whom. */
export function AcceptancePlot({ lanes }: { readonly lanes: readonly Lane[] }) {
  const curves = lanes.map((lane) => ({ name: lane.name, places: acceptanceOf(lane) }));
  const longest = Math.max(1, ...curves.map(({ places }) => places.length));
  const x = (place: number) => MARGIN.left + ((place + 0.5) * (WIDTH - MARGIN.left - MARGIN.right)) / longest;
  const y = (share: number) => HEIGHT - MARGIN.bottom - share * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const step = (WIDTH - MARGIN.left - MARGIN.right) / longest;
  const bar = (step * 0.72) / curves.length;
  return (
    <section class="card" aria-label="Acceptance by position">
      <div class="section-head">
        <h2>Acceptance by position</h2>
        <p class="soft">Share of the rounds in which each place of the draft was kept, in this one answer.</p>
      </div>
      <figure class="plot">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          role="img"
          aria-label="Acceptance by position; the same numbers stand in the table below"
        >
          {[0, 0.25, 0.5, 0.75, 1].map((share) => (
            <g key={share}>
              <line class="grid" x1={MARGIN.left} x2={WIDTH - MARGIN.right} y1={y(share)} y2={y(share)} />
              <text class="tick" x={MARGIN.left - 8} y={y(share) + 4} text-anchor="end">
                {100 * share} %
              </text>
            </g>
          ))}
          {curves.map(({ name, places }, index) =>
            places.map(({ standard, admitted }, place) => {
              const left = x(place) - (bar * curves.length) / 2 + index * bar;
              return (
                <g key={`${name} ${place}`} class={index === 0 ? 'first' : 'second'}>
                  <rect
                    class="s-standard"
                    x={left}
                    width={bar * 0.9}
                    y={y(standard)}
                    height={y(0) - y(standard)}
                  />
                  <rect
                    class="s-judge"
                    x={left}
                    width={bar * 0.9}
                    y={y(standard + admitted)}
                    height={y(standard) - y(standard + admitted)}
                  />
                </g>
              );
            }),
          )}
          {Array.from({ length: longest }, (_, place) => place)
            .filter((place) => longest <= 16 || place % 2 === 0)
            .map((place) => (
              <text
                key={place}
                class={place % 4 === 0 ? 'tick' : 'tick between'}
                x={x(place)}
                y={HEIGHT - MARGIN.bottom + 18}
                text-anchor="middle"
              >
                {place + 1}
              </text>
            ))}
          <text class="tick" x={(MARGIN.left + WIDTH - MARGIN.right) / 2} y={HEIGHT - 8} text-anchor="middle">
            place in the draft
          </text>
        </svg>
        <figcaption class="plot-legend soft">
          {curves.map(({ name }, index) => (
            <span key={name}>
              {curves.length > 1 ? `${index === 0 ? 'left' : 'right'} bar: ` : ''}
              <b>{name}</b>
            </span>
          ))}
          <span>
            <i class="swatch s-standard" /> the target’s own choice
          </span>
          <span>
            <i class="swatch s-judge" /> let in
          </span>
        </figcaption>
      </figure>
      <details>
        <summary>The numbers</summary>
        <Scroll label="Acceptance by position, as a table">
          <table>
            <thead>
              <tr>
                <th scope="col">Place</th>
                {Array.from({ length: longest }, (_, place) => (
                  <th scope="col" key={place}>
                    {place + 1}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {curves.map(({ name, places }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  {places.map(({ standard, admitted }, place) => (
                    <td key={place}>{(100 * (standard + admitted)).toFixed(0)} %</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </section>
  );
}
