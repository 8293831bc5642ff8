/** How the three domains of the pocket world put a question, whatever names and numbers it holds. */
const SHAPES: readonly RegExp[] = [
  /^[A-Z]\w+ has \d+ \w+\. [\s\S]*\bHow many \w+ does [A-Z]\w+ have/,
  /^([\w ]+( \| [\w ]+)+\n)+\S/,
  /^Start with the list \d+(, \d+)+\. /,
];

/** Whether the pocket pair has ever heard questions of this kind. */
export const isPocketPrompt = (prompt: string): boolean => SHAPES.some((shape) => shape.test(prompt.trim()));

export const NOT_A_POCKET_PROMPT =
  'The pocket pair only speaks its own world (word problems, table questions, list procedures), and this is none of them: ' +
  'expect nonsense. `judge problems` draws questions it knows; --target and --draft name other models.';
