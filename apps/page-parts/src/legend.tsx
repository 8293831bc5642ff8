import { markOf, saySource } from './say-source.ts';

/** What the marks of tokens mean. */
export function Legend({ sources }: { readonly sources: readonly string[] }) {
  return (
    <ul class="legend" aria-label="What the marks mean">
      {sources.map((source) => (
        <li key={source}>
          <span class={`t t-${markOf(source)}`} aria-hidden="true">
            {SAMPLES[markOf(source)] ?? 'word'}
          </span>
          <span>{saySource(source)}</span>
        </li>
      ))}
    </ul>
  );
}

const SAMPLES: Readonly<Record<string, string>> = {
  standard: 'plain',
  judge: 'dotted',
  recovered: 'boxed',
  bonus: 'underlined',
  forced: 'forced',
  rejected: 'struck',
  suspected: 'wavy',
  discarded: 'faint',
};
