/** The eight colours of a terminal, in the order of their codes. */
export const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
export type Colour = (typeof COLOURS)[number];

/** Text that looks the same from its first to its last letter. */
export interface Run {
  readonly text: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
  readonly colour: Colour | undefined;
}

export type Look = Omit<Run, 'text'>;
export const PLAIN: Look = { bold: false, dim: false, underline: false, colour: undefined };

/** The look after the codes of one `ESC [ … m`. */
export function styled(look: Look, codes: string): Look {
  let next = look;
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, dim: true };
    else if (code === 4) next = { ...next, underline: true };
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 24) next = { ...next, underline: false };
    else if (code === 39) next = { ...next, colour: undefined };
    else if (code >= 30 && code <= 37) next = { ...next, colour: COLOURS[code - 30] };
    else throw new Error(`Expected a code for bold, dim, underline or one of eight colours, got ${code}.`);
  }
  return next;
}
