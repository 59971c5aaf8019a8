import { describe, expect, it } from 'vitest';
import { diffSchema } from './diff.ts';

type Keywords = { [key: string]: unknown };
type Schema = Keywords | boolean;
const object = (properties: { [name: string]: Schema }, ...required: string[]): Keywords => ({
  type: 'object',
  properties,
  required,
});
const string = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };
const nothing = { type: 'null' };
const a = (schema: Schema) => object({ a: schema });
const anyOf = (...members: Schema[]) => ({ anyOf: members });
const oneOf = (...members: Schema[]) => ({ oneOf: members });
const withDefs = (definitions: { [name: string]: Schema }, schema: Keywords) => ({ $defs: definitions, ...schema });
const x = { $ref: '#/$defs/x' };

/** Name, before, after, and each change as "path change[ keyword] whom it breaks": i(nput), o(utput), - (nobody). */
const rows: [string, Schema, Schema, string[]][] = [
  // properties
  ['a property is removed', object({ a: string, b: string }), a(string), ['b removed io']],
  ['a required property is removed', object({ a: string, b: string }, 'b'), a(string), ['b removed io']],
  ['an optional property is added', a(string), object({ a: string, b: string }), ['b added -']],
  ['a required property is added', a(string), object({ a: string, b: string }, 'b'), ['b added i']],
  ['a property becomes required', a(string), object({ a: string }, 'a'), ['a now_required i']],
  ['a property becomes optional', object({ a: string }, 'a'), a(string), ['a now_optional o']],
  ['a property is renamed', object({ a: string }, 'a'), object({ b: string }, 'b'), ['a removed io', 'b added i']],
  ['a name is required that has no schema', a(string), { ...a(string), required: ['z'] }, ['z added i']],
  ['a nested property is added and required', a(a(string)), a(object({ a: string, b: string }, 'b')), ['a.b added i']],
  ['a name that is no word', object({ 'ship to': string }), object({}), ['["ship to"] removed io']],
  [
    'a property deep in lists',
    a({ type: 'array', items: a(string) }),
    a({ type: 'array', items: a(number) }),
    ['a[].a type_changed io'],
  ],

  // types
  ['a type is replaced', a(string), a(number), ['a type_changed io']],
  ['a type is widened', a(string), a({ type: ['string', 'null'] }), ['a type_changed o']],
  ['a type is narrowed', a({ type: ['string', 'null'] }), a(string), ['a type_changed i']],
  ['integer becomes number', a(integer), a(number), ['a type_changed o']],
  ['number becomes integer', a(number), a(integer), ['a type_changed i']],
  ['a type is first declared', a({}), a(string), ['a type_changed i']],
  ['a type is no longer declared', a(string), a(true), ['a type_changed o']],
  ['types overlap', a({ type: ['string', 'null'] }), a({ type: ['string', 'number'] }), ['a type_changed io']],
  ['types in another order', a({ type: ['null', 'string'] }), a({ type: ['string', 'null'] }), []],
  ['the rest of a replaced type is not listed', a(string), a(a(string)), ['a type_changed io']],

  // enum
  ['an enum loses a value', a({ enum: ['x', 'y'] }), a({ enum: ['x'] }), ['a enum_narrowed i']],
  ['an enum gains a value', a({ enum: ['x'] }), a({ enum: ['x', 'y'] }), ['a enum_widened o']],
  ['an enum swaps a value', a({ enum: ['x', 'y'] }), a({ enum: ['x', 'z'] }), ['a enum_changed io']],
  ['an enum in another order', a({ enum: ['x', 'y'] }), a({ enum: ['y', 'x'] }), []],
  ['an enum is put on', a(string), a({ type: 'string', enum: ['x'] }), ['a enum_narrowed i']],
  ['an enum is taken off', a({ type: 'string', enum: ['x'] }), a(string), ['a enum_widened o']],
  ['a const is an enum of one', a({ const: 'x' }), a({ enum: ['x', 'y'] }), ['a enum_widened o']],
  ['an enum of objects gains one', a({ enum: [{ k: 1 }] }), a({ enum: [{ k: 2 }, { k: 1 }] }), ['a enum_widened o']],
  ['a const changes its type', a({ const: 1 }), a({ const: '1' }), ['a type_changed io']],

  // constraints
  ['a minimum rises', a({ minimum: 1 }), a({ minimum: 2 }), ['a constraint_narrowed minimum i']],
  ['a minimum falls', a({ minimum: 2 }), a({ minimum: 1 }), ['a constraint_widened minimum o']],
  ['a minimum appears', a({}), a({ minimum: 0 }), ['a constraint_narrowed minimum i']],
  ['a maximum falls', a({ maximum: 9 }), a({ maximum: 8 }), ['a constraint_narrowed maximum i']],
  ['a maximum goes', a({ exclusiveMaximum: 9 }), a({}), ['a constraint_widened exclusiveMaximum o']],
  ['a length is limited', a(string), a({ type: 'string', maxLength: 10 }), ['a constraint_narrowed maxLength i']],
  ['a least length of 0 says nothing', a(string), a({ type: 'string', minLength: 0 }), []],
  [
    'a list must not be empty',
    a({ type: 'array' }),
    a({ type: 'array', minItems: 1 }),
    ['a constraint_narrowed minItems i'],
  ],
  ['a bound that is no number', a({ minimum: 1 }), a({ minimum: 'x' }), ['a constraint_changed minimum io']],
  ['items must differ', a({ uniqueItems: false }), a({ uniqueItems: true }), ['a constraint_narrowed uniqueItems i']],
  ['items need not differ, said', a({}), a({ uniqueItems: false }), []],
  ['a multiple of a multiple', a({ multipleOf: 5 }), a({ multipleOf: 10 }), ['a constraint_narrowed multipleOf i']],
  ['a divisor', a({ multipleOf: 10 }), a({ multipleOf: 5 }), ['a constraint_widened multipleOf o']],
  ['unrelated multiples', a({ multipleOf: 3 }), a({ multipleOf: 5 }), ['a constraint_changed multipleOf io']],
  ['a pattern appears', a(string), a({ type: 'string', pattern: '^x' }), ['a constraint_narrowed pattern i']],
  ['a pattern changes', a({ pattern: '^x' }), a({ pattern: '^y' }), ['a constraint_changed pattern io']],
  ['a format goes', a({ type: 'string', format: 'email' }), a(string), ['a constraint_widened format o']],
  [
    'bounds both ways',
    a({ minimum: 1, maximum: 5 }),
    a({ minimum: 0, maximum: 4 }),
    ['a constraint_narrowed maximum i', 'a constraint_widened minimum o'],
  ],

  // additional properties, patterns, items
  [
    'the schema is closed',
    object({}),
    { ...object({}), additionalProperties: false },
    [' additional_properties_closed i'],
  ],
  [
    'the schema is opened',
    { ...object({}), additionalProperties: false },
    object({}),
    [' additional_properties_opened -'],
  ],
  ['open, said otherwise', a({ additionalProperties: true }), a({ additionalProperties: {} }), []],
  [
    'other properties get a type',
    { type: 'object' },
    { type: 'object', additionalProperties: string },
    ['.* type_changed i'],
  ],
  [
    'other properties change their type',
    a({ additionalProperties: string }),
    a({ additionalProperties: number }),
    ['a.* type_changed io'],
  ],
  [
    'a pattern of names changes its type',
    a({ patternProperties: { '^x': string } }),
    a({ patternProperties: { '^x': number } }),
    ['a["/^x/"] type_changed io'],
  ],
  ['items get a type', a({ type: 'array' }), a({ type: 'array', items: string }), ['a[] type_changed i']],
  [
    'items lose their type',
    a({ type: 'array', items: string }),
    a({ type: 'array', items: true }),
    ['a[] type_changed o'],
  ],
  [
    'a tuple changes at one place',
    a({ prefixItems: [string, number] }),
    a({ prefixItems: [string, integer] }),
    ['a[1] type_changed i'],
  ],
  ['a tuple of an older draft', a({ items: [string, number] }), a({ prefixItems: [string, number] }), []],
  ['a tuple grows', a({ prefixItems: [string] }), a({ prefixItems: [string, string] }), ['a changed prefixItems io']],

  // alternatives
  ['alternatives in another order', a(anyOf(string, nothing)), a(anyOf(nothing, string)), []],
  [
    'an alternative is added',
    a(anyOf(string, nothing)),
    a(anyOf(number, string, nothing)),
    ['a alternatives_widened anyOf o'],
  ],
  [
    'an alternative is taken away',
    a(anyOf(string, number, nothing)),
    a(anyOf(nothing, string)),
    ['a alternatives_narrowed anyOf i'],
  ],
  [
    'alternatives are exchanged',
    a(anyOf(string, number, nothing)),
    a(anyOf(string, { type: 'array' })),
    ['a alternatives_changed anyOf io'],
  ],
  ['one alternative is widened', a(anyOf(integer, nothing)), a(anyOf(number, nothing)), ['a(anyOf 1) type_changed o']],
  [
    'an alternative is described anew',
    a(anyOf(string, nothing)),
    a(anyOf({ ...string, description: 'x' }, nothing)),
    ['a(anyOf 1) description_changed -'],
  ],
  ['a string may be null now', a(string), a(anyOf(string, nothing)), ['a alternatives_widened anyOf o']],
  [
    'a titled string may be null now',
    a({ ...string, title: 't' }),
    a({ ...anyOf(string, nothing), title: 't' }),
    ['a alternatives_widened anyOf o'],
  ],
  ['a string may not be null any more', a(anyOf(string, nothing)), a(string), ['a alternatives_narrowed anyOf i']],
  [
    'a string becomes something else or null',
    a(string),
    a(anyOf(number, nothing)),
    ['a alternatives_changed anyOf io', 'a type_changed o'],
  ],
  [
    'in a oneOf even widening may exclude',
    a(oneOf(integer, string)),
    a(oneOf(number, string)),
    ['a(oneOf 1) type_changed io'],
  ],
  [
    'in a oneOf a new description is harmless',
    a(oneOf(integer, string)),
    a(oneOf({ ...integer, description: 'x' }, string)),
    ['a(oneOf 1) description_changed -'],
  ],
  ['a oneOf gains a member', a(oneOf(string)), a(oneOf(string, number)), ['a alternatives_changed oneOf io']],
  [
    'all of: one member is widened',
    a({ allOf: [integer, { minimum: 3 }] }),
    a({ allOf: [integer, { minimum: 2 }] }),
    ['a(allOf 2) constraint_widened minimum o'],
  ],
  [
    'all of: a member is added',
    a({ allOf: [integer] }),
    a({ allOf: [integer, { minimum: 2 }] }),
    ['a alternatives_changed allOf io'],
  ],

  // references
  ['a definition changes', withDefs({ x: string }, a(x)), withDefs({ x: number }, a(x)), ['a type_changed io']],
  ['a definition is renamed', withDefs({ x: string }, a(x)), withDefs({ y: string }, a({ $ref: '#/$defs/y' })), []],
  [
    'a definition is put in place',
    { definitions: { 'x/~y z': string }, ...a({ $ref: '#/definitions/x~1~0y%20z' }) },
    a(string),
    [],
  ],
  ['an unused definition changes', withDefs({ x: string }, a({})), withDefs({ x: number }, a({})), []],
  [
    'keywords beside a reference count',
    withDefs({ x: string }, a(x)),
    withDefs({ x: string }, a({ ...x, maxLength: 3 })),
    ['a constraint_narrowed maxLength i'],
  ],
  [
    'an alternative behind a reference changes',
    withDefs({ x: string }, a(anyOf(x, nothing))),
    withDefs({ x: integer }, a(anyOf(x, nothing))),
    ['a(anyOf 1) type_changed io'],
  ],
  [
    'a definition that only words change',
    withDefs({ x: string }, a(anyOf(x, nothing))),
    withDefs({ x: { ...string, title: 'X' } }, a(anyOf(x, nothing))),
    ['a(anyOf 1) title_changed -'],
  ],
  [
    'a definition used plainly and in a oneOf',
    withDefs({ x: integer }, object({ p: x, q: oneOf(x, nothing) })),
    withDefs({ x: number }, object({ p: x, q: oneOf(x, nothing) })),
    ['p type_changed o', 'q(oneOf 1) type_changed io'],
  ],
  [
    'a reference elsewhere changes',
    a({ $ref: 'https://example.com/a' }),
    a({ $ref: 'https://example.com/b' }),
    ['a changed $ref io'],
  ],
  ['a reference to nowhere appears', a({}), a({ $ref: '#/$defs/gone' }), ['a changed $ref io']],

  // words
  ['a description', a(string), a({ ...string, description: 'x' }), ['a description_changed -']],
  [
    'a title and a default',
    a({ ...string, title: 'x', default: 1 }),
    a({ ...string, title: 'y' }),
    ['a default_changed -', 'a title_changed -'],
  ],
  [
    'examples, a comment and an extension',
    a({ examples: [1], $comment: 'x' }),
    a({ examples: [2], 'x-y': 1 }),
    ['a annotation_changed $comment -', 'a annotation_changed examples -', 'a annotation_changed x-y -'],
  ],

  // what can't be judged
  ['a condition appears', a({}), a({ if: string, else: { minLength: 1 } }), ['a changed else io', 'a changed if io']],
  ['an unknown keyword changes', a({ nullable: true }), a({ nullable: false }), ['a changed nullable io']],
  ['everything is forbidden', a(true), a(false), ['a changed not io']],
  ['what is no schema', a(string), { ...object({}), properties: { a: 'string' } }, ['a changed io']],
];

const inWords = (before: unknown, after: unknown) => {
  const forInput = diffSchema(before, after, 'input');
  const forOutput = diffSchema(before, after, 'output');
  return forInput.map(({ path, change, keyword, breaking }, index) => {
    const breaks = `${breaking ? 'i' : ''}${forOutput[index]?.breaking ? 'o' : ''}` || '-';
    return [path, change, ...(keyword ? [keyword] : []), breaks].join(' ');
  });
};

/** The same JSON with all keys the other way round. */
const reversed = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(reversed)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([key, item]) => [key, reversed(item)]),
        )
      : value;

describe('diffSchema', () => {
  it.each(rows)('%s', (_, before, after, expected) => {
    expect(inWords(before, after)).toEqual(expected);
  });

  it.each(rows)('%s: the order of keys means nothing', (_, before, after) => {
    expect(inWords(before, reversed(before))).toEqual([]);
    expect(inWords(reversed(after), after)).toEqual([]);
    expect(inWords(reversed(before), reversed(after))).toEqual(inWords(before, after));
  });

  it('shows what was there and what is', () => {
    expect(
      diffSchema(object({ a: integer, b: string }, 'b'), object({ a: { type: ['string', 'null'] }, c: {} }), 'input'),
    ).toEqual([
      { path: 'a', change: 'type_changed', before: 'integer', after: ['string', 'null'], breaking: true },
      { path: 'b', change: 'removed', before: { type: 'string', required: true }, breaking: true },
      { path: 'c', change: 'added', after: { type: 'any', required: false }, breaking: false },
    ]);
    expect(
      diffSchema(a({ type: 'string', maxLength: 5 }), a({ type: 'string', maxLength: 3, enum: ['x'] }), 'input'),
    ).toEqual([
      { path: 'a', change: 'constraint_narrowed', keyword: 'maxLength', before: 5, after: 3, breaking: true },
      { path: 'a', change: 'enum_narrowed', after: ['x'], breaking: true },
    ]);
  });
});

describe('schemas that refer to themselves', { timeout: 30_000 }, () => {
  const tree = (leaf: Schema) => ({
    $defs: {
      node: object({
        value: leaf,
        children: { type: 'array', items: { $ref: '#/$defs/node' } },
        next: anyOf({ $ref: '#/$defs/node' }, nothing),
      }),
    },
    $ref: '#/$defs/node',
  });

  it('end, and report each change once', () => {
    expect(inWords(tree(string), tree(integer))).toEqual(['value type_changed io']);
    expect(inWords(tree(string), tree(string))).toEqual([]);
    expect(inWords(tree(string), { ...tree(string), title: 'x' })).toEqual([' title_changed -']);
  });

  it('end when they refer to nothing but themselves', () => {
    const loop = { $ref: '#' };
    const ring = { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' };
    expect(inWords(loop, { ...loop, title: 'x' })).toEqual([' title_changed -']);
    expect(inWords(loop, ring)).toEqual([' changed $ref io']);
    expect(inWords(ring, { ...ring, title: 'x' })).toEqual([' title_changed -']);
  });

  it('end when many refer to many', () => {
    const web = (leaf: Schema) => {
      const names = Array.from({ length: 40 }, (_, index) => `d${index}`);
      const references = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
      return {
        $defs: Object.fromEntries(names.map((name) => [name, object({ ...references, leaf })])),
        $ref: '#/$defs/d0',
      };
    };
    const changes = diffSchema(web(string), web({ ...string, description: 'x' }), 'input');
    expect(changes).toHaveLength(40);
    expect(changes.some(({ breaking }) => breaking)).toBe(false);
  });
});

describe('hostile schemas', { timeout: 30_000 }, () => {
  const nested = (depth: number, leaf: string) =>
    JSON.parse(`${'{"properties":{"a":'.repeat(depth)}${leaf}${'}}'.repeat(depth)}`);
  const diffInput = (before: unknown, after: unknown) => diffSchema(before, after, 'input');

  it('nested beyond any stack are not compared to the end, and count as breaking', () => {
    expect(diffInput(nested(20_000, '{}'), nested(20_000, '{}'))).toEqual([]);
    expect(diffInput(nested(20_000, '{}'), nested(20_000, '{"type":"string"}'))).toMatchObject([
      { change: 'not_compared', breaking: true },
    ]);
    expect(diffInput({}, nested(20_000, '{}'))).toMatchObject([{ path: 'a', change: 'added' }]);
    const lists = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect(diffInput({ not: 1 }, { not: lists })).toEqual([
      { path: '', change: 'changed', keyword: 'not', before: 1, after: '(nested too deeply to show)', breaking: true },
    ]);
  });

  it('with names from the prototype are compared like any other', () => {
    const before = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"},"toString":{}}}',
    );
    const after = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"number"},"constructor":{"type":"string"}},"required":["__proto__"]}',
    );
    expect(diffInput(before, after).map(({ path, change }) => [path, change])).toEqual([
      ['__proto__', 'now_required'],
      ['__proto__', 'type_changed'],
      ['toString', 'removed'],
    ]);
    expect(diffInput({ type: 'object' }, JSON.parse('{"type":"object","__proto__":{"type":"string"}}'))).toMatchObject([
      { change: 'changed', keyword: '__proto__' },
    ]);
    expect(Object.hasOwn(Object.prototype, 'type')).toBe(false);
  });

  it('of great size and depth end', () => {
    const heavy = { enum: Array.from({ length: 300_000 }, (_, index) => index) };
    const within = (leaf: Schema) => {
      let schema: Keywords = { allOf: [heavy], properties: { leaf } };
      for (let depth = 0; depth < 60; depth++) schema = { properties: { a: schema, b: { const: depth } } };
      return schema;
    };
    expect(diffInput(within(string), JSON.parse(JSON.stringify(within(number))))).toMatchObject([
      { change: 'type_changed', breaking: true },
    ]);
  });

  it('of great size end, say so and stay short', () => {
    const wide = (count: number, schema: Schema) =>
      object(Object.fromEntries(Array.from({ length: count }, (_, index) => [`p${index}`, schema])));
    const many = diffInput(wide(50_000, string), wide(50_000, number));
    expect(many).toHaveLength(201);
    expect(many.at(-1)).toEqual({ path: '', change: 'not_compared', breaking: true });
    expect(diffInput(wide(50_000, string), { ...wide(50_000, string), title: 'x' })).toMatchObject([
      { change: 'title_changed' },
    ]);
    const alternatives = (offset: number) =>
      anyOf(...Array.from({ length: 2000 }, (_, index) => ({ const: index + offset })));
    expect(diffInput(alternatives(0), alternatives(5000)).at(-1)).toMatchObject({
      change: 'not_compared',
      breaking: true,
    });
    const objects = (offset: number) => ({
      enum: Array.from({ length: 20_000 }, (_, index) => ({ k: index + offset })),
    });
    expect(diffInput(objects(0), objects(1))).toMatchObject([{ change: 'enum_changed', breaking: true }]);
    expect(
      JSON.stringify(diffInput({ enum: ['x'.repeat(100_000)] }, { enum: ['y'.repeat(100_000)] })).length,
    ).toBeLessThan(3000);
    expect(JSON.stringify(diffInput(object({}), object({ ['n'.repeat(100_000)]: string }))).length).toBeLessThan(1000);
  });

  it.each([
    null,
    3,
    'x',
    [],
    [1],
    { type: 7 },
    { type: [7, {}] },
    { properties: [] },
    { required: 'a' },
    { required: [1] },
    { enum: 3 },
    { anyOf: {} },
    { $ref: 3 },
    { $ref: '#/' },
    { $ref: '#/%E0%A4%A' },
  ])('%j is taken as it comes', (odd) => {
    for (const other of [{}, true, a(string), null]) {
      diffInput(odd, other);
      diffInput(other, odd);
    }
    expect(diffInput(odd, structuredClone(odd))).toEqual([]);
  });
});
