import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { type Case, featureCases, templateCases } from './cases.ts';

/*
 * How many templates render as transformers renders them, how many are refused, how many differ:
 *
 *     tsx --conditions=@judge-decoding/source compare.ts [--interpreter FILE.mjs] [--show N] PATH …
 *
 * A path is a file of features (what make_goldens.py and fuzz.py write) or a folder with
 * templates.jsonl and conversations.json; without one it is the folder in JUDGE_CHAT_TEMPLATES.
 */
type Render = (source: string, variables: Readonly<Record<string, unknown>>) => string;

const args = process.argv.slice(2);
const option = (name: string): string | undefined => {
  const at = args.indexOf(name);
  return at < 0 ? undefined : args.splice(at, 2)[1];
};
const interpreter = option('--interpreter');
const most = Number(option('--show') ?? 10);
if (args.length === 0 && process.env.JUDGE_CHAT_TEMPLATES !== undefined) {
  args.push(process.env.JUDGE_CHAT_TEMPLATES);
}
if (args.length === 0) {
  console.error('usage: compare.ts [--interpreter FILE.mjs] [--show N] FEATURES.json|FOLDER …');
  process.exit(2);
}
const render = interpreter === undefined ? await own() : await other(interpreter);
let isRight = true;
for (const path of args) {
  const isFolder = (await stat(path)).isDirectory();
  isRight = report(path, isFolder ? await templateCases(path) : await featureCases(path)) && isRight;
}
process.exit(isRight ? 0 : 1);

async function own(): Promise<Render> {
  const { compileTemplate } = await import('../../packages/checkpoint/src/jinja/index.ts');
  const now = () => new Date(2026, 10, 8, 9, 5, 7);
  return (source, variables) => compileTemplate(source).render(variables, { now });
}

async function other(file: string): Promise<Render> {
  const module: { render: Render } = await import(pathToFileURL(file).href);
  return module.render;
}

type Outcome = 'same' | 'refused as Python refuses' | 'refused' | 'different';

interface Counted {
  readonly outcomes: Map<Outcome, number>;
  readonly reasons: Set<string>;
}

function outcomeOf({ template, variables, expected }: Case): { outcome: Outcome; got: string } | undefined {
  let got: string;
  let refused = false;
  try {
    got = render(template, variables);
  } catch (error) {
    refused = true;
    got = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  }
  if ('address' in expected) return refused ? undefined : { outcome: 'different', got };
  if ('err' in expected) return { outcome: refused ? 'refused as Python refuses' : 'different', got };
  if (refused) return { outcome: 'refused', got };
  return { outcome: got === expected.ok ? 'same' : 'different', got };
}

function report(path: string, cases: readonly Case[]): boolean {
  const groups = new Map<string, Counted>();
  let shown = 0;
  for (const each of cases) {
    const found = outcomeOf(each);
    if (found === undefined) continue;
    const { outcome, got } = found;
    const group = groups.get(each.group) ?? { outcomes: new Map(), reasons: new Set() };
    groups.set(each.group, group);
    group.outcomes.set(outcome, (group.outcomes.get(outcome) ?? 0) + 1);
    if (outcome === 'refused') group.reasons.add(got);
    if (outcome === 'different' && shown++ < most) {
      console.log(JSON.stringify({ template: each.template.slice(0, 300), got, expected: each.expected }));
    }
  }
  const total = (outcome: Outcome) =>
    [...groups.values()].reduce((sum, { outcomes }) => sum + (outcomes.get(outcome) ?? 0), 0);
  const having = (outcome: Outcome) =>
    [...groups.values()].filter(({ outcomes }) => outcomes.has(outcome)).length;
  console.log(`\n${path}: ${cases.length} renderings of ${groups.size} templates or kinds`);
  console.log('| | renderings | templates or kinds with any |');
  console.log('| --- | ---: | ---: |');
  for (const outcome of ['same', 'refused as Python refuses', 'refused', 'different'] as const) {
    console.log(`| ${outcome} | ${total(outcome)} | ${having(outcome)} |`);
  }
  for (const [name, { reasons }] of groups) {
    for (const reason of [...reasons].slice(0, 12)) console.log(`  ${name}: ${reason}`);
  }
  return total('different') === 0;
}
