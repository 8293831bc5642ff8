import { parentPort } from 'node:worker_threads';
import type { HeadTerm, OutputRequest, Session } from '@judge-decoding/core';
import type { OrtModel } from '@judge-decoding/ort-session';
import { openModel } from './open-model.ts';
import type { Answer, Call, OpenedModel, Question, SentPass, SentRequest } from './protocol.ts';
import { sentError } from './sent-error.ts';
import { transferable } from './transferable.ts';

/** The worker's side: one model, its sessions by number, questions answered one after another. */
const port = parentPort!;
let model: OrtModel | undefined;
const sessions = new Map<number, Session>();
const terms = new Map<number, HeadTerm>();
let last: Promise<void> = Promise.resolve();

port.on('message', (question: Question) => {
  // in order: a disposal waits for the run before it
  last = last.then(() => reply(question));
});

async function reply(question: Question): Promise<void> {
  const { id } = question;
  let response: Answer;
  try {
    response = { kind: 'value', id, value: await answer(question) };
  } catch (error) {
    response = { kind: 'error', id, error: sentError(error) };
  }
  port.postMessage(response, response.kind === 'value' ? transferable(response.value) : []);
  if (question.kind === 'dispose') port.close();
}

async function answer(call: Call): Promise<unknown> {
  switch (call.kind) {
    case 'open': {
      const opened = await openModel(call.options, (progress) =>
        port.postMessage({ kind: 'progress', progress } satisfies Answer),
      );
      model = opened.model;
      return { info: model.info, weights: opened.weights } satisfies OpenedModel;
    }
    case 'open-session':
      sessions.set(call.session, await model!.openSession());
      return undefined;
    case 'forward': {
      const request = received(call.request);
      if (call.passes.length === 1) {
        const pass = call.passes[0]!;
        return [await ready(pass).forward(pass.tokens, request)];
      }
      return model!.forward(
        call.passes.map((pass) => ({ session: ready(pass), tokens: pass.tokens })),
        request,
      );
    }
    case 'propose':
      return ready(call.pass).propose(call.pass.tokens, call.request);
    case 'dispose-session':
      await sessions.get(call.session)?.dispose();
      sessions.delete(call.session);
      return undefined;
    case 'dispose':
      await model?.dispose();
      return undefined;
  }
}

/** The session, cut to where the main thread believes it ends. */
function ready({ session: id, length }: SentPass): Session {
  const session = sessions.get(id)!;
  if (session.length !== length) session.truncate(length);
  return session;
}

/** Terms as objects that stay the same from call to call. */
function received({ judge, ...rest }: SentRequest): OutputRequest {
  if (judge === undefined) return rest;
  return {
    ...rest,
    judge: judge.map(({ id, state, row, weights }) => {
      if (weights !== undefined) terms.set(id, { layer: 'last', state, row, weights });
      return terms.get(id)!;
    }),
  };
}
