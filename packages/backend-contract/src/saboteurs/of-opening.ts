import type { Backend } from '@judge-decoding/core';
import { toyBackend, toyBackendOver } from '../toy/backend.ts';
import type { ToyCache } from '../toy/net.ts';
import { faultyModels, type Saboteur } from './saboteur.ts';

export const openingSaboteurs: readonly Saboteur[] = [
  {
    name: 'speaks-another-version',
    fault: 'implements a later version of the spec',
    breaks: ['spec/version'],
    backend: () => ({ ...toyBackend(), specVersion: 2 }) as unknown as Backend,
  },
  {
    name: 'throws-bare-errors',
    fault: 'a model that is not there is an untyped error',
    breaks: ['open/unknown-model'],
    backend() {
      const sound = toyBackend();
      const open = (location: string) =>
        sound.open(location).catch(() => {
          throw new Error(`ENOENT: ${location}`);
        });
      return { ...sound, open };
    },
  },
  {
    name: 'ends-outside-the-vocabulary',
    fault: 'an end token is one past the last real token',
    breaks: ['open/info'],
    backend: () => faultyModels(() => ({ info: { endTokens: [19], specialTokens: [19] } })),
  },
  {
    name: 'falls-back-silently',
    fault: 'runs on another device than the one asked for',
    breaks: ['open/provider'],
    backend: () => faultyModels(() => ({ info: { device: 'cpu' } })),
  },
  {
    name: 'shares-cache',
    fault: 'all sessions write into one cache',
    breaks: ['open/isolation', 'batch/equals-single', 'batch/all-or-nothing', 'dispose/final'],
    backend: () =>
      toyBackendOver((net) => {
        let cache: ToyCache | undefined;
        return {
          ...net,
          openCache() {
            cache ??= net.openCache();
            return cache;
          },
        };
      }),
  },
];
