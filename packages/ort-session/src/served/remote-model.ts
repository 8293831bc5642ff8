import { checkedModel, type Model } from '@judge-decoding/core';
import type { Line, Opened } from './protocol.ts';
import { SentTerms } from './sent-terms.ts';
import { ServedSession } from './served-session.ts';

/** The caller's end of a model in a worker: one message for each call, none for a truncation. */
export function remoteModel({ info }: Opened, line: Line): Model & AsyncDisposable {
  const tools = { line, terms: new SentTerms() };
  let next = 0;
  return checkedModel<ServedSession>({
    info,
    async openSession() {
      const id = next++;
      await line.ask({ kind: 'open-session', session: id });
      return new ServedSession(tools, id);
    },
    async forward(passes, request) {
      const answered = await line.ask({
        kind: 'forward',
        passes: passes.map(({ core, tokens, length }) => core.pass(tokens, length)),
        request: tools.terms.request(request),
      });
      return answered.map((each, index) => passes[index]!.core.take(each));
    },
    // the worker's caches go with it
    dispose: () => line.close(),
  });
}
