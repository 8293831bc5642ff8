import { type RuleSpec, sayRule } from '@judge-decoding/core';
import { keptOf, type Opinion, type TokenPiece } from '@judge-decoding/trace';
import type { RuleOpinions } from '../engine/protocol.ts';
import { shortPiece } from './lane.ts';
import { Scroll } from './scroll.tsx';

const SIGNS: Readonly<Record<Opinion, readonly [sign: string, said: string]>> = {
  standard: ['●', 'the target’s own choice'],
  admitted: ['◐', 'let in'],
  guarded: ['◌', 'would be let in, but a guard forbids it'],
  rejected: ['×', 'rejected'],
};

/** Which rule lets in which token of one draft. */
export function RuleTable({
  draft,
  pieces,
  rows,
  verify,
}: {
  readonly draft: readonly number[];
  readonly pieces: Readonly<Record<string, TokenPiece>>;
  readonly rows: readonly RuleOpinions[];
  /** The rule that decided. */
  readonly verify: RuleSpec | undefined;
}) {
  const decided = verify === undefined ? undefined : sayRule(verify);
  return (
    <Scroll label="Rules side by side on this draft">
      <table class="rule-table">
        <thead>
          <tr>
            <th scope="col">Rule</th>
            <th scope="col">Kept</th>
            {draft.map((id, index) => (
              // the same token may stand there twice
              <th scope="col" class="token" key={index}>
                <span>{shortPiece(pieces[id])}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ spec, opinions, refused }) => {
            const name = sayRule(spec);
            const kept = keptOf(opinions);
            return (
              <tr key={name} class={name === decided ? 'decided' : ''}>
                <th scope="row">{name}</th>
                {refused === undefined ? (
                  <>
                    <td class="kept">{kept}</td>
                    {opinions.map((opinion, index) => {
                      const [sign, said] = SIGNS[opinion];
                      return (
                        <td
                          key={index}
                          class={`opinion o-${opinion}${index > kept ? ' behind' : ''}`}
                          title={`${name}: ${said}`}
                        >
                          <span aria-hidden="true">{sign}</span>
                          <span class="hidden">{said}</span>
                        </td>
                      );
                    })}
                  </>
                ) : (
                  <td colSpan={draft.length + 1} class="refused">
                    <span>{refused}</span>
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
      <p class="soft note">
        {Object.values(SIGNS).map(([sign, said]) => (
          <span key={sign}>
            <b aria-hidden="true">{sign}</b> {said}
          </span>
        ))}
        <span>Pale: behind the first rejection, where no rule is asked any more.</span>
      </p>
    </Scroll>
  );
}

/** Rules that are worth seeing beside each other, with their usual numbers. */
export const COMPARED: readonly string[] = [
  'strict',
  'judge',
  'kl:0.3',
  'fly',
  'mars',
  'topk:2',
  'typical',
  'relaxed',
  'cascade:0.3',
];
