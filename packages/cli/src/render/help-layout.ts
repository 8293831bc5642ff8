import type { HelpConfiguration } from 'commander';
import { seenWidth } from './width.ts';
import { hanging, wrap } from './wrap.ts';

/** How commander lays out its help: as everything else here, also where the terminal is narrow. */
export const helpLayout: HelpConfiguration = {
  displayWidth: seenWidth,
  boxWrap: (text, width) => wrap(text, width).join('\n'),
  styleUsage(usage) {
    // behind its title
    return hanging(USAGE, usage, this.helpWidth ?? 80, 2)
      .join('\n')
      .slice(USAGE.length);
  },
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? 80;
    const first = `  ${term}${' '.repeat(Math.max(0, termWidth - seenWidth(term)))}`;
    if (description === '') return first.trimEnd();
    const beside = width - termWidth - 4 >= LEAST;
    if (beside) return hanging(`${first}  `, description, width).join('\n');
    const below = wrap(description, width - SET_IN.length).map((line) => SET_IN + line);
    return [`  ${term}`, ...below].join('\n');
  },
};

/** Columns that a description needs to stand beside its flag. */
const LEAST = 30;
const USAGE = 'Usage: ';
const SET_IN = ' '.repeat(6);
