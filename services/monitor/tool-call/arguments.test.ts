import { describe, expect, it } from 'vitest';
import { argumentsKey, checkArguments, unmask, validationBudget } from './arguments.ts';

const field = ['monitors', 0, 'arguments'];
const check = (schema: unknown, value: { [name: string]: unknown }) =>
  checkArguments({ tool: 'it', schema }, value, { field });
const nothing = { errors: [], warnings: [] };

const search = {
  type: 'object',
  properties: {
    query: { type: 'string', minLength: 1 },
    limit: { type: 'integer', minimum: 1 },
    sort: { enum: ['price', 'name'] },
    filters: { type: 'array', items: { type: 'object', properties: { max: { type: 'number' } }, required: ['max'] } },
  },
  required: ['query'],
  additionalProperties: false,
};

describe('checkArguments', () => {
  it('takes what fits', () => {
    expect(check(search, { query: 'mug', limit: 3, sort: 'name', filters: [{ max: 1 }] })).toEqual(nothing);
  });

  it.each([
    [{}, 'monitors[0].arguments.query', 'Required.'],
    [{ query: '' }, 'monitors[0].arguments.query', 'This must NOT have fewer than 1 characters.'],
    [{ query: 'a', limit: 'x' }, 'monitors[0].arguments.limit', 'This must be integer.'],
    [{ query: 'a', sort: 'age' }, 'monitors[0].arguments.sort', 'Must be one of "price", "name".'],
    [{ query: 'a', filters: [{}] }, 'monitors[0].arguments.filters[0].max', 'Required.'],
    [{ query: 'a', colour: 1 }, 'monitors[0].arguments.colour', 'The tool has no such argument.'],
  ])('names the field of %j', (value, at, message) => {
    expect(check(search, value)).toEqual({ errors: [{ field: at, message }], warnings: [] });
  });

  it('tells every field at once', () => {
    expect(check(search, { limit: 0, x: 1 }).errors.map((error) => error.field)).toEqual([
      'monitors[0].arguments.query',
      'monitors[0].arguments.x',
      'monitors[0].arguments.limit',
    ]);
  });

  it.each([
    [
      'draft-07, as it says',
      { $schema: 'http://json-schema.org/draft-07/schema#', properties: { a: { items: [{ type: 'string' }] } } },
      { a: [1] },
      ['.a[0]'],
    ],
    ['draft-07, unsaid', { properties: { a: { items: [{ type: 'string' }] } } }, { a: [1] }, ['.a[0]']],
    [
      '2019-09',
      {
        $schema: 'https://json-schema.org/draft/2019-09/schema',
        properties: { a: { type: 'string' } },
        unevaluatedProperties: false,
      },
      { b: 1 },
      ['.b'],
    ],
    ['2020-12', { properties: { a: { prefixItems: [{ type: 'string' }] } } }, { a: [1] }, ['.a[0]']],
    ['an id of its own', { $id: 'http://json-schema.org/draft-07/schema#', required: ['a'] }, {}, ['.a']],
    [
      'local references',
      { properties: { a: { $ref: '#/$defs/n' } }, $defs: { n: { type: 'number' } } },
      { a: 'x' },
      ['.a'],
    ],
    ['inherited names', { required: ['constructor', 'toString'] }, {}, ['.constructor', '.toString']],
    ['a pattern', { properties: { a: { type: 'string', pattern: '^\\d+$' } } }, { a: 'x' }, ['.a']],
  ])('understands %s', (_, schema, value, fields) => {
    const { errors, warnings } = check({ type: 'object', ...schema }, value);
    expect(errors.map(({ field }) => field)).toEqual(fields.map((field) => `monitors[0].arguments${field}`));
    expect(warnings).toEqual([]);
  });

  const broken: [string, unknown][] = [
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['an unknown type', { type: 'thing' }],
    ['a number for a type', { type: 5 }],
    ['code for a bound', { properties: { a: { minimum: '0); globalThis.owned = 1; (' } } }],
    ['code for a list', { enum: 'x; globalThis.owned = 1' }],
    ['a remote reference', { $ref: 'https://evil.example/schema.json' }],
    ['a file', { properties: { a: { $ref: 'file:///etc/passwd' } } }],
    ['a reference to nothing', { properties: { a: { $ref: '#/nowhere' } } }],
    ['a reference to itself', { $ref: '#' }],
    ['an asynchronous part', { $ref: '#/$defs/a', $defs: { a: { $async: true, type: 'object' } } }],
    ['a very deep one', JSON.parse(`${'{"not":'.repeat(90)}{}${'}'.repeat(90)}`)],
    ['a very large one', { enum: Array.from({ length: 20_000 }, (_, i) => i) }],
    ['a very long text', { description: 'x'.repeat(1_100_000) }],
  ];
  it.each(broken)('leaves arguments unchecked by %s, and says so', (_, schema) => {
    const { errors, warnings } = check(schema, { a: 1 });
    expect(errors).toEqual([]);
    expect(warnings).toMatchObject([{ code: 'arguments_not_checked', field: 'monitors[0].arguments' }]);
    expect(warnings[0]?.message.length).toBeLessThan(400);
    expect(globalThis).not.toHaveProperty('owned');
  });

  it('runs no code of a schema, wherever it stands', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the attack
    const evil = '"]};globalThis.owned=1;//\u2028`${globalThis.owned=1}';
    const schema = {
      $async: true,
      type: 'object',
      title: evil,
      $comment: evil,
      properties: { [evil]: { type: 'string', pattern: evil, format: evil, const: evil, default: evil } },
      patternProperties: { [evil]: { enum: [evil] } },
      required: [evil, '__proto__'],
      dependentRequired: { [evil]: [evil] },
      $defs: { [evil]: { $anchor: 'a' } },
    };
    const { errors } = check(schema, JSON.parse('{"a": 1}'));
    expect(errors).toContainEqual({ field: 'monitors[0].arguments.__proto__', message: 'Required.' });
    expect(globalThis).not.toHaveProperty('owned');
  });

  it('matches hostile patterns without backtracking, and skips those that it can not', () => {
    const long = 'a'.repeat(20_000);
    expect(check({ properties: { a: { pattern: '^(a|a)*b$' } } }, { a: long }).errors).toHaveLength(1);
    const skipped = check({ properties: { a: { pattern: '^(?=a)(a+)\\1$' } } }, { a: 'b' });
    expect(skipped).toMatchObject({ errors: [], warnings: [{ code: 'pattern_not_checked' }] });
  });

  it('ends what would take exponential time', () => {
    const levels = 60;
    const $defs = Object.fromEntries(
      Array.from({ length: levels }, (_, i) => [
        `d${i}`,
        i + 1 === levels
          ? { type: 'number' }
          : { anyOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
      ]),
    );
    const before = process.memoryUsage().rss;
    const { errors, warnings } = check({ $ref: '#/$defs/d0', $defs }, { a: 1 });
    expect(errors).toEqual([]);
    expect(warnings[0]?.message).toContain('takes too long');
    expect(process.memoryUsage().rss - before).toBeLessThan(1024 ** 3);
    // The next one is not harmed.
    expect(check(search, { query: 'mug' })).toEqual(nothing);
  });

  it('shares a budget of time', () => {
    const budget = validationBudget();
    budget.leftMs = 0;
    const { warnings } = checkArguments({ tool: 'it', schema: search }, {}, { field, budget });
    expect(warnings).toMatchObject([{ code: 'arguments_not_checked' }]);
  });
});

describe('argumentsKey', () => {
  it('is the same for the same arguments, whatever their order', () => {
    expect(argumentsKey({ a: 1, b: { c: [1, { d: 2, e: 3 }] } })).toBe(
      argumentsKey({ b: { c: [1, { e: 3, d: 2 }] }, a: 1 }),
    );
    const different = [
      {},
      { a: 1 },
      { a: '1' },
      { a: [1, 2] },
      { a: [2, 1] },
      { a: null },
      { a: { b: 1 } },
      { 'a,"b"': 1 },
    ];
    expect(new Set(different.map(argumentsKey)).size).toBe(different.length);
  });
});

describe('unmask', () => {
  const stored = { token: 'abcd', list: ['x', { key: 'efgh' }], plain: 1 };
  const shown = { token: '[redacted]', list: ['x', { key: '[redacted]' }], plain: 1 };
  it('puts back what was shown masked', () => {
    const given = { token: '[redacted]', list: ['y', { key: '[redacted]' }], plain: 2 };
    expect(unmask(given, stored, shown, ['arguments'])).toEqual({
      value: { token: 'abcd', list: ['y', { key: 'efgh' }], plain: 2 },
      errors: [],
    });
  });
  it('refuses a mask that stands for nothing', () => {
    expect(
      unmask({ list: [{ key: '[redacted]' }], other: 'x [redacted]' }, stored, shown, ['arguments']).errors,
    ).toEqual([
      { field: 'arguments.list[0].key', message: '"[redacted]" masks a value here. Enter the value itself.' },
      { field: 'arguments.other', message: '"[redacted]" masks a value here. Enter the value itself.' },
    ]);
  });
});
