import { checkedModel, type Model, type ModelInfo } from '@judge-decoding/core';
import type { ToyNet } from './net.ts';
import { toySession } from './session.ts';

/** A model and its sessions over a toy network. */
export const modelOver = (net: ToyNet, info: ModelInfo): Model =>
  checkedModel({ info, openSession: () => toySession(net, info) });
