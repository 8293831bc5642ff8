import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as abi from '../src/native/abi.ts';
import { layoutOf } from '../src/native/structs.ts';

const header = readFileSync(new URL('../native/include/judge_cuda.h', import.meta.url), 'utf8').replaceAll(
  /\/\*[\s\S]*?\*\//g,
  '',
);

/** `typedef struct NAME { … } NAME;` of the header: fields in order, with the types of `abi.ts`. */
function structsInHeader(): Record<string, Record<string, string>> {
  const structs: Record<string, Record<string, string>> = {};
  for (const [, name, body] of header.matchAll(/typedef struct (\w+) \{([^}]*)\}/g)) {
    const fields: Record<string, string> = {};
    for (const declaration of body!
      .split(';')
      .map((line) => line.trim())
      .filter(Boolean)) {
      const [, type, names] = /^(?:const )?(\w+) (.+)$/s.exec(declaration)!;
      for (const declared of names!.split(',').map((part) => part.trim())) {
        const [, star, field, size] = /^(\*?)(\w+)(?:\[(\d+)\])?$/.exec(declared)!;
        fields[field!] = star === '*' ? 'pointer' : size === undefined ? type! : `${type}[${size}]`;
      }
    }
    structs[name!] = fields;
  }
  return structs;
}

function enumInHeader(name: string): Record<string, number> {
  const body = new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(header)![1]!;
  return Object.fromEntries(
    [...body.matchAll(/(\w+) = (\d+)/g)].map(([, key, value]) => [key, Number(value)]),
  );
}

/** Result and arguments of every function, pointers as the binding writes them. */
function functionsInHeader(): Record<string, [string, string[]]> {
  const functions: Record<string, [string, string[]]> = {};
  for (const [, result, name, args] of header.matchAll(/JC_API ([\w ]+?[ *]+)(jc_\w+)\(([^)]*)\);/g)) {
    const given = args!.trim() === 'void' ? [] : args!.split(',').map((argument) => argument.trim());
    functions[name!] = [
      result!.includes('*') ? 'const char *' : result!.trim(),
      given.map((argument) => (argument.includes('*') ? 'void *' : argument.split(' ')[0]!)),
    ];
  }
  return functions;
}

test('structs have the fields of the header, in its order', () => {
  const expected = structsInHeader();
  expect(Object.keys(expected).length).toBeGreaterThan(5);
  expect(Object.keys(abi.STRUCTS)).toEqual(Object.keys(expected));
  for (const [name, fields] of Object.entries(expected)) {
    expect(Object.entries(abi.STRUCTS[name as abi.StructName]), name).toEqual(Object.entries(fields));
  }
});

test('no struct has holes: offsets are what any compiler makes of the fields', () => {
  for (const [name, struct] of Object.entries(abi.STRUCTS)) {
    const { size, fields } = layoutOf(struct);
    let end = 0;
    for (const [field, { offset, type }] of fields) {
      expect(offset, `${name}.${field}`).toBe(end);
      end += type.startsWith('char[')
        ? Number(type.slice(5, -1))
        : type === 'int32_t' || type === 'float'
          ? 4
          : 8;
    }
    expect(size, name).toBe(end);
  }
});

test.each([
  ['jc_code', abi.CODE],
  ['jc_weights', abi.WEIGHTS],
  ['jc_source', abi.SOURCE],
  ['jc_tensor', abi.TENSOR],
  ['jc_flags', abi.FLAG],
  ['jc_rank_flags', abi.RANK_FLAG],
  ['jc_call_kind', abi.CALL],
  ['jc_law', abi.LAW],
  ['jc_hidden_states', abi.HIDDEN_STATE],
])('enum %s is the header’s', (name, values) => {
  expect(values).toEqual(enumInHeader(name));
});

test('functions have the results and arguments of the header', () => {
  const expected = functionsInHeader();
  expect(Object.keys(expected).length).toBeGreaterThan(15);
  expect(abi.FUNCTIONS).toEqual(expected);
});

test('version and limits are the header’s', () => {
  const defined = (name: string) => Number(new RegExp(`#define ${name} (\\d+)`).exec(header)![1]);
  expect(abi.ABI_VERSION).toBe(defined('JC_ABI_VERSION'));
  expect(abi.MAX_TOP).toBe(defined('JC_MAX_TOP'));
  expect(abi.MAX_LAYERS).toBe(defined('JC_MAX_LAYERS'));
  expect(abi.MOST_RANKS).toBe(defined('JC_MOST_RANKS'));
});
