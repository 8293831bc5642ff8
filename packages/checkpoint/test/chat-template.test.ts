import { describe, expect, test } from 'vitest';
import { parseChatTemplate } from '../src/chat-template.ts';
import { expectRefusal } from './expect-refusal.ts';

const render = (source: string, ...contents: readonly string[]) =>
  parseChatTemplate('chat_template.jinja', source, {
    tokens: { bos_token: '<s>', eos_token: '</s>' },
    now: () => new Date(2025, 2, 4, 15, 6, 7),
  }).render(
    contents.map((content, i) => ({ role: i % 2 === 0 ? 'user' : 'assistant', content })),
    true,
  );

test.each([
  { source: '{{ bos_token }}{{ messages[0].content }}{{ eos_token }}', text: '<s>Hi</s>' },
  {
    source: "{% if tools is not none %}x{% endif %}{{ messages|length }}{{ 'a' if add_generation_prompt }}",
    text: '1a',
  },
  {
    source: '{% for m in messages %}\n  {% if true %}\n{{ m["role"] }}\n  {% endif %}\n{% endfor %}',
    text: 'user\n',
  },
  { source: "{{ strftime_now('%d %b %Y %H:%M:%S %A %e%%') }}", text: '04 Mar 2025 15:06:07 Tuesday  4%' },
  { source: '{% for i in range(1, 6, 2) %}{{ i }}{% endfor %}{{ 1 if None is none }}', text: '1351' },
])('$source writes $text', ({ source, text }) => {
  expect(render(source, 'Hi')).toBe(text);
});

describe('refusals', () => {
  test('a template that cannot be parsed', async () => {
    await expectRefusal(() => render('{% if %}', 'Hi'), 'invalid-file', 'chat_template.jinja');
  });

  test('messages that the template refuses, in its own words', async () => {
    const source = "{{ raise_exception('Roles must alternate') }}";
    await expectRefusal(() => render(source, 'Hi'), 'invalid-input', 'Roles must alternate');
  });

  test('a loop without end', async () => {
    await expectRefusal(
      () => render('{% for i in range(10000000000) %}{% endfor %}', 'Hi'),
      'invalid-input',
      'range',
    );
  });
});
