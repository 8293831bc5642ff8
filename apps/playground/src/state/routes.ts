import { signal } from '@preact/signals';
import { type Settings, sane, settings, USUAL } from './settings.ts';

export const VIEWS = ['play', 'race', 'steps'] as const;
export type View = (typeof VIEWS)[number];

export const view = signal<View>('play');

/** What a link asks for beside its view. */
export interface Asked {
  readonly problem?: string;
  /** An address of a trace, or the trace itself, packed. */
  readonly traceAddress?: string;
  readonly tracePacked?: string;
}

/** `#/steps?trace=…`, `#/play?problem=…&rule=judge&threshold=0.9&draft=16`. */
export function readLink(hash: string): Asked {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  view.value = VIEWS.find((name) => name === path) ?? 'play';
  const parameters = new URLSearchParams(query);
  const number = (name: string) => (parameters.has(name) ? Number(parameters.get(name)) : undefined);
  const given: Partial<Record<keyof Settings, unknown>> = {
    device: parameters.get('device') ?? undefined,
    rule: parameters.get('rule') ?? undefined,
    threshold: number('threshold'),
    custom: parameters.get('verify') ?? undefined,
    draftLength: number('draft'),
  };
  const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (Object.keys(named).length > 0)
    settings.value = { ...sane({ ...settings.value, ...named }), pair: settings.value.pair };
  const problem = parameters.get('problem');
  const traceAddress = parameters.get('trace');
  const tracePacked = parameters.get('packed');
  return {
    ...(problem === null ? {} : { problem }),
    ...(traceAddress === null ? {} : { traceAddress }),
    ...(tracePacked === null ? {} : { tracePacked }),
  };
}

/** A link to this problem under these settings; the models are whoever opens it's. */
export function linkTo(problem: string): string {
  const { device, rule, threshold, custom, draftLength } = settings.value;
  const parameters = new URLSearchParams({ problem, rule });
  if (rule === 'judge' && threshold !== undefined) parameters.set('threshold', String(threshold));
  if (rule === 'custom') parameters.set('verify', custom);
  if (draftLength !== USUAL.draftLength) parameters.set('draft', String(draftLength));
  if (device !== USUAL.device) parameters.set('device', device);
  return `${location.href.split('#')[0]}#/play?${parameters}`;
}

export const go = (next: View): void => {
  view.value = next;
  history.replaceState(null, '', `#/${next}`);
};
