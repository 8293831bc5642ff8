// Solutions half in another author's words, of which the author's choices are read and not learned: so a
// model goes on rightly behind words that it would not have taken itself, and still writes its own.
import { between, type Random } from '../../packages/tasks/src/pocket-world/random.ts';
import {
  drawOption,
  matchWording,
  type Style,
  type Wording,
} from '../../packages/tasks/src/pocket-world/wording.ts';

/** From where to where of a text, in characters. */
export type Span = readonly [from: number, to: number];

/** Says what `solve` has it say, taking the draft's way at a share of the forks, and remembers where that was. */
export class ForeignHand {
  readonly #share: number;
  readonly #said = new Map<string, readonly Span[]>();

  constructor(random: Random) {
    this.#share = between(random, 40, 100) / 100;
  }

  readonly say = (wording: Wording, style: Style, random: Random): string => {
    let said = '';
    const spans: Span[] = [];
    const write = (part: Wording): void =>
      matchWording(part, {
        text: (text) => {
          said += text;
        },
        sequence: (parts) => parts.forEach(write),
        fork: (fork) => {
          const option = drawOption(fork, random() < this.#share ? 'draft' : style, random);
          const begin = said.length;
          write(option);
          if (option === fork.options[0]) return;
          // Which way it was shows in its first two words, or, where nothing is said, in what comes next.
          const [chosen = ' '] = /^\s*\S+(\s+\S+)?/.exec(said.slice(begin)) ?? [];
          spans.push([begin, begin + chosen.length]);
        },
      });
    write(wording);
    this.#said.set(said, spans);
    return said;
  };

  /** Where another's way was taken in a text that was put together from what was said. */
  choicesIn(text: string): Span[] {
    const found: Span[] = [];
    let at = 0;
    while (at < text.length) {
      const said = [...this.#said.keys()].find((line) => line !== '' && text.startsWith(line, at));
      for (const [from, to] of this.#said.get(said ?? '') ?? []) found.push([at + from, at + to]);
      if (said !== undefined) at += said.length;
      else {
        const end = text.indexOf('\n', at);
        at = end < 0 ? text.length : end + 1;
      }
    }
    return found;
  }
}
