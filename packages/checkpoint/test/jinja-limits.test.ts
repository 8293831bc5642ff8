import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { compileTemplate, NotSupported, PythonError, TemplateLimit } from '../src/jinja/index.ts';
import { processorTime } from './processor-time.ts';

const render = (template: string, variables = {}) =>
  compileTemplate(template).render(variables, { now: () => new Date(2026, 0, 1) });

describe('templates without end are stopped', () => {
  test.each([
    ['loops in loops', '{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}'],
    ['a text repeated', "{{ 'ab' * 100000000 }}"],
    [
      'a text doubled again and again',
      "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s }}",
    ],
    ['a list repeated', '{{ ([0] * 100000000)|length }}'],
    [
      'a list doubled',
      '{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}',
    ],
    ['text that grows in a loop', "{% for i in range(99999) %}{{ 'x' * 9999 }}{% endfor %}"],
    ['a macro that calls itself', '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}'],
    [
      'two macros that call each other',
      '{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}',
    ],
    [
      'a macro that calls itself twice',
      '{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}',
    ],
    ['a loop that recurses', '{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}'],
    ['a power', '{{ (9 ** 9) ** (9 ** 9) }}'],
    [
      'products',
      '{% set ns = namespace(n=9) %}{% for i in range(40) %}{% set ns.n = ns.n * ns.n %}{% endfor %}',
    ],
    ['padding', "{{ 'x'.center(10 ** 12) }}"],
    ['a format', "{{ '%999999999d' % 1 }}"],
    ['a format spec', "{{ '{:>999999999}'.format(1) }}"],
    ['replacing', "{{ ('a' * 1000000).replace('a', 'b' * 1000) }}"],
    ['joining', "{{ ('x' * 10000).join(range(99999)|map('string')) }}"],
    ['indenting', "{{ 'a\\nb'|indent(10 ** 11) }}"],
    ['json', '{{ [[[[1]]]]|tojson(indent=10 ** 10) }}'],
    ['expanded tabs', "{{ ('\\t' * 10000).expandtabs(10 ** 9) }}"],
  ])('%s', async (_, template) => {
    const took = await processorTime(() => expect(() => render(template)).toThrow(TemplateLimit));
    expect(took).toBeLessThan(20_000);
  });

  test('a range as Python’s sandbox stops it', () => {
    expect(() => render('{{ range(10 ** 10) }}')).toThrow('Range too big');
  });

  test.each([
    ['parentheses', `{{ ${'('.repeat(20000)}1${')'.repeat(20000)} }}`],
    ['lists', `{{ ${'['.repeat(20000)}${']'.repeat(20000)} }}`],
    ['tags', '{% if 1 %}'.repeat(20000)],
    ['signs', `{{ ${'-'.repeat(20000)}1 }}`],
    ['negations', `{{ ${'not '.repeat(20000)}1 }}`],
  ])('%s that nest without end', (_, template) => {
    expect(() => render(template)).toThrow(PythonError);
  });

  test.each([
    ['white space', `{{ 'a'${' '.repeat(200_000)}`],
    ['openings', '{'.repeat(200_000)],
    ['half a comment', `{#${'-'.repeat(200_000)}`],
    ['half a raw block', `{% raw %}${'{%'.repeat(100_000)}`],
    ['half a string', `{{ '${'\\'.repeat(200_001)}`],
    ['digits', `{{ ${'1_'.repeat(100_000)} }}`],
  ])('half a template of %s is refused at once', async (_, template) => {
    const took = await processorTime(() => {
      try {
        render(template);
      } catch (error) {
        expect(error).toBeInstanceOf(PythonError);
      }
    });
    expect(took).toBeLessThan(5000);
  });

  test('a long conversation is no such thing', () => {
    const messages = Array.from({ length: 2000 }, (_, i) => ({
      role: i % 2 ? 'assistant' : 'user',
      content: 'word '.repeat(200),
    }));
    const template =
      '{% for m in messages %}<|{{ m.role }}|>{{ m.content | trim }}{% if not loop.last %}\n{% endif %}{% endfor %}';
    expect(render(template, { messages }).length).toBeGreaterThan(2_000_000);
  });
});

test.each([
  ['{% autoescape true %}{% endautoescape %}', 'autoescape'],
  ["{{ 'a'|urlize }}", 'urlize'],
  ["{{ 'x'.encode() }}", 'str.encode'],
  ["{{ strftime_now('%Q') }}", '%Q'],
  ['{{ [1]|random }}', 'random'],
  ['{{ messages|map("upper") }}', 'generator'],
  ['{{ lipsum() }}', 'lipsum'],
  ['{{ self }}', 'self'],
])('%s is refused by name', (template, name) => {
  expect(() => render(template, { messages: [] })).toThrow(NotSupported);
  expect(() => render(template, { messages: [] })).toThrow(name);
});

test('the interpreter needs nothing but JavaScript', () => {
  const folder = fileURLToPath(new URL('../src/jinja', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(30);
  for (const name of files) {
    const source = readFileSync(join(folder, name), 'utf8');
    const imported = [...source.matchAll(/from '([^']+)'/g)].map((found) => found[1]!);
    const outside = imported.filter(
      (path) => !path.startsWith('./') && !(name.includes('/') && path.startsWith('../')),
    );
    expect({ name, outside }).toEqual({ name, outside: [] });
    expect(source).not.toMatch(/\beval\(|new Function\(|\bBuffer\b|\bprocess\b/);
  }
});
