import { agreements, annotationOf, type DataSetRow } from '@judge-decoding/train/data-set';
import { rows, show } from './state.ts';

/** How annotators agree, and where they do not. */
export function Agreement({ onShow }: { readonly onShow: () => void }) {
  const pairs = agreements(rows.value);
  const apart = rows.value.flatMap((row, index) => (differs(row) ? [{ row, index }] : []));
  const share = (value: number) => (Number.isNaN(value) ? '–' : `${(100 * value).toFixed(0)} %`);
  if (pairs.length === 0)
    return (
      <section class="card" aria-label="Agreement">
        <h2>Agreement</h2>
        <p class="soft">It takes two annotators who have decided about the same answers.</p>
      </section>
    );
  return (
    <section class="card" aria-label="Agreement">
      <h2>Agreement</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Annotators</th>
            <th scope="col">Both decided</th>
            <th scope="col">Same decision</th>
            <th scope="col">Kappa</th>
            <th scope="col">Same first mistake</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map(({ first, second, rows, same, kappa, samePlace }) => (
            <tr key={`${first} ${second}`}>
              <th scope="row">
                {first}, {second}
              </th>
              <td>{rows}</td>
              <td>{share(same)}</td>
              <td>{Number.isNaN(kappa) ? '–' : kappa.toFixed(2)}</td>
              <td>{share(samePlace)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>{apart.length === 0 ? 'They agree on every answer.' : 'Where they differ'}</h3>
      <ol class="apart">
        {apart.map(({ row, index }) => (
          <li key={row.id}>
            <button
              type="button"
              class="link"
              onClick={() => {
                show(index);
                onShow();
              }}
            >
              {row.question.slice(0, 90)}
            </button>
            <span class="soft">
              {' '}
              {row.annotations
                ?.map(({ annotator }) => `${annotator}: ${sayWord(row, annotator)}`)
                .join(' · ')}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function differs({ annotations = [] }: DataSetRow): boolean {
  const words = annotations.filter(({ decision }) => decision === 'mistake' || decision === 'correct');
  return words.some(
    ({ decision, mistakes }) =>
      decision !== words[0]!.decision || mistakes?.[0]?.start !== words[0]!.mistakes?.[0]?.start,
  );
}

function sayWord(row: DataSetRow, annotator: string): string {
  const said = annotationOf(row, annotator);
  const span = said?.mistakes?.[0];
  return said?.decision === 'mistake' && span
    ? `wrong from “${row.wrong?.slice(span.start, span.start + 20)}”`
    : (said?.decision ?? '');
}
