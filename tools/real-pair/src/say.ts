/** One line on stderr. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);
