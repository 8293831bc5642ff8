import { pagePackage, servePage } from '../run/serve-page.ts';
import type { World } from '../world.ts';
import type { AnnotateFlags } from './annotate.ts';

export interface AnnotatePageFlags extends AnnotateFlags {
  readonly port?: number;
}

/** The same in a browser: one decision a screen, each written into the file at once. */
export async function annotatePageCommand(
  file: string,
  { annotator, blind, port, color }: AnnotatePageFlags,
  { terminal }: World,
): Promise<number> {
  const { openAnnotator } = await pagePackage(
    '@judge-decoding/annotator',
    () => import('@judge-decoding/annotator'),
  );
  const { USER, USERNAME } = terminal.env;
  const name = annotator ?? USER ?? USERNAME;
  return servePage(terminal, color, async (onWork) => {
    const server = await openAnnotator({
      file,
      ...(name === undefined ? {} : { annotator: name }),
      ...(blind === undefined ? {} : { blind }),
      ...(port === undefined ? {} : { port, onlyPort: true }),
      onWork,
    });
    return { address: server.url, close: () => server.close() };
  });
}
