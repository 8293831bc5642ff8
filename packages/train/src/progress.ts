import type { AbortSignalLike } from '@judge-decoding/core';

/** How far a long piece of work has come; told after each part of it. */
export interface Progress {
  readonly phase: 'answers' | 'suggest' | 'label' | 'features' | 'fit' | 'controls' | 'ablations';
  readonly done: number;
  readonly total: number;
}

/** Long work can be watched and stopped; what was finished stays on disk. */
export interface Watch {
  readonly signal?: AbortSignalLike | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
