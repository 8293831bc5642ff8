import {
  exampleTextOf,
  logitOf,
  parseRule,
  probabilityOf,
  RULES,
  type RuleRow,
  type RuleSpec,
} from '@judge-decoding/core';
import { computed, effect, signal } from '@preact/signals';
import { DEVICES, type Device } from '../engine/protocol.ts';

export interface Settings {
  readonly pair: 'pocket' | 'own';
  readonly device: Device;
  /** A rule's name, or `custom`. */
  readonly rule: string;
  /** For the rule `judge`; undefined is the head's. */
  readonly threshold: number | undefined;
  /** For other rules, as `--verify` takes them. */
  readonly custom: string;
  readonly draftLength: number;
  readonly maxTokens: number;
  /** Names of special tokens, and the ends of lines. */
  readonly special: boolean;
}

export const DRAFT_LENGTHS = { least: 1, most: 32, usual: 16 } as const;
const MAX_TOKENS = 400;

/** Where a model runs, as the page says it behind `on`. */
export const sayDevice = (device: string): string => (device === 'wasm' ? 'the processor' : device);

export const USUAL: Settings = {
  pair: 'pocket',
  device: 'wasm',
  rule: 'judge',
  threshold: undefined,
  custom: 'judge+kl:0.3',
  draftLength: DRAFT_LENGTHS.usual,
  maxTokens: MAX_TOKENS,
  special: false,
};

const KEY = 'judge-playground';

/** Rules that decode greedily, as the select lists them; controls are no rules to write texts with. */
export const OFFERED: readonly RuleRow[] = RULES.filter(
  (row) => row.control !== true && (row.name === 'strict' || row.kind === 'admission'),
);

export const settings = signal<Settings>(kept());
export const change = (changed: Partial<Settings>): void => {
  settings.value = { ...settings.value, ...changed };
};

/** The rule as it is asked for, or what is wrong with what was typed. */
export const asked = computed((): { readonly spec: RuleSpec } | { readonly fault: string } => {
  const { rule, threshold, custom } = settings.value;
  try {
    if (rule === 'judge')
      return { spec: parseRule(threshold === undefined ? 'judge' : `judge:${threshold}`) };
    if (rule === 'custom') return { spec: parseRule(custom) };
    const row = RULES.find(({ name }) => name === rule);
    return { spec: parseRule(row === undefined ? 'strict' : exampleTextOf(row)) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
});

/** Thresholds are chosen in logits: between 0.9 and 0.999 much happens. The ends of the slider are 0 and 1. */
export const SLIDER = { least: -7, most: 9, step: 0.05 } as const;

export const thresholdAt = (position: number): number =>
  position <= SLIDER.least ? 0 : position >= SLIDER.most ? 1 : Number(probabilityOf(position).toPrecision(4));

export const positionOf = (threshold: number): number =>
  Math.max(SLIDER.least, Math.min(SLIDER.most, logitOf(threshold)));

/** What was chosen last time; whatever is there that was not written by this version is left out. */
function kept(): Settings {
  let read: Partial<Record<keyof Settings, unknown>> = {};
  try {
    read = JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {};
  } catch {
    // nothing is kept, or nothing that can be read
  }
  return sane(read);
}

/** Settings from outside (storage, a link), each checked, the usual one where it is none. */
export function sane(read: Partial<Record<keyof Settings, unknown>>): Settings {
  const { device, rule, threshold, custom, draftLength } = read;
  return {
    ...USUAL,
    ...(DEVICES.includes(device as Device) ? { device: device as Device } : {}),
    ...(rule === 'custom' || OFFERED.some(({ name }) => name === rule) ? { rule: rule as string } : {}),
    ...(typeof threshold === 'number' && threshold >= 0 && threshold <= 1 ? { threshold } : {}),
    ...(typeof custom === 'string' && custom.length <= 200 ? { custom } : {}),
    ...(Number.isInteger(draftLength) &&
    (draftLength as number) >= DRAFT_LENGTHS.least &&
    (draftLength as number) <= DRAFT_LENGTHS.most
      ? { draftLength: draftLength as number }
      : {}),
  };
}

/** Keeps what is chosen from now on. */
export const keepSettings = (): (() => void) =>
  effect(() => {
    const { device, rule, threshold, custom, draftLength } = settings.value;
    try {
      localStorage.setItem(KEY, JSON.stringify({ device, rule, threshold, custom, draftLength }));
    } catch {
      // a browser that keeps nothing
    }
  });
