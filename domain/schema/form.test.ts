import { describe, expect, it } from 'vitest';
import { toFields } from './form.ts';
import { readFormEntries, toFormEntries } from './form-entries.ts';
import type { Field } from './form-field.ts';

const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required });
const one = (schema: object): Field | undefined => toFields(object({ it: schema })).fields[0];

describe('fieldsOf', () => {
  it.each([
    ['a text', { type: 'string', minLength: 1, maxLength: 9 }, { kind: 'text', minLength: 1, maxLength: 9 }],
    ['a date', { type: 'string', format: 'date' }, { kind: 'text', format: 'date' }],
    [
      'a whole number',
      { type: 'integer', minimum: 1, maximum: 5, default: 3 },
      { kind: 'integer', min: 1, max: 5, default: '3' },
    ],
    ['a number', { type: 'number', examples: [1.5] }, { kind: 'number', placeholder: '1.5' }],
    ['a truth', { type: 'boolean', default: false }, { kind: 'boolean', default: 'false' }],
    [
      'an enum',
      { enum: ['a', 2, null] },
      {
        kind: 'select',
        options: [
          { value: '"a"', label: 'a' },
          { value: '2', label: '2' },
          { value: 'null', label: 'null' },
        ],
      },
    ],
    [
      'variants that are constants',
      { oneOf: [{ const: 'a', title: 'First' }, { const: 'b' }] },
      {
        kind: 'select',
        options: [
          { value: '"a"', label: 'First' },
          { value: '"b"', label: 'b' },
        ],
      },
    ],
    [
      'an optional text of a generator',
      { anyOf: [{ type: 'string' }, { type: 'null' }], title: 'Colour', default: null },
      { kind: 'text', label: 'Colour' },
    ],
    ['a type list with null', { type: ['integer', 'null'] }, { kind: 'integer' }],
    ['a list', { type: 'array', items: { type: 'string' } }, { kind: 'json' }],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }, { kind: 'json' }],
    ['two types', { type: ['string', 'number'] }, { kind: 'json' }],
    ['a condition', { type: 'string', not: { const: 'x' } }, { kind: 'json' }],
    ['no schema', { $ref: 'https://example.com/schema' }, { kind: 'json' }],
  ])('shows %s', (_, schema, expected) => {
    expect(one(schema)).toMatchObject({ name: '/it', path: ['it'], required: false, group: null, ...expected });
  });

  it('puts the required ones first and says whether everything has a control of its own', () => {
    const { fields, complete } = toFields(object({ a: { type: 'string' }, b: { type: 'integer' } }, ['b']));
    expect(fields.map(({ path, required }) => [path, required])).toEqual([
      [['b'], true],
      [['a'], false],
    ]);
    expect(complete).toBe(true);
    expect(toFields(object({ a: { type: 'array' } })).complete).toBe(false);
  });

  it('makes a group of a nested object, one level deep, through references', () => {
    const schema = {
      ...object({ filter: { $ref: '#/$defs/filter' } }, ['filter']),
      $defs: { filter: object({ min: { type: 'number' }, deep: object({ x: { type: 'string' } }) }, ['min']) },
    };
    expect(toFields(schema).fields).toMatchObject([
      {
        path: ['filter', 'min'],
        name: '/filter/min',
        kind: 'number',
        required: true,
        group: { name: '/filter', required: true },
      },
      { path: ['filter', 'deep'], kind: 'json', required: false },
    ]);
  });

  it('asks for nothing inside a group that is not needed', () => {
    expect(toFields(object({ f: object({ min: { type: 'number' } }, ['min']) })).fields[0]?.required).toBe(false);
  });

  it.each([
    [null],
    ['text'],
    [[]],
    [{}],
    [false],
    [{ properties: 7 }],
    [{ properties: { a: 5 } }],
    [{ type: 'object', properties: { a: { enum: 7, type: {} } } }],
  ])('takes %j', (schema) => {
    expect(toFields(schema).fields.every(({ kind }) => kind === 'json')).toBe(true);
  });

  it('bounds what a hostile schema makes of a page', () => {
    const wide = object(
      Object.fromEntries(
        Array.from({ length: 5000 }, (_, i) => [`p${i}`, { type: 'string', description: 'x'.repeat(9000) }]),
      ),
    );
    const { fields, complete } = toFields(wide);
    expect(fields).toHaveLength(100);
    expect(complete).toBe(false);
    expect(fields[0]?.description.length).toBeLessThan(600);
    const cyclic = { ...object({ me: { $ref: '#' } }) };
    expect(toFields(cyclic).fields).toMatchObject([{ path: ['me', 'me'], kind: 'json' }]);
  });
});

describe('valuesOf', () => {
  const schema = object(
    {
      text: { type: 'string' },
      count: { type: 'integer' },
      price: { type: 'number' },
      yes: { type: 'boolean' },
      size: { enum: ['S', 'M', 1] },
      tags: { type: 'array' },
      needed: object({ a: { type: 'string' } }),
      optional: object({ b: { type: 'integer' }, c: { type: 'string' } }),
    },
    ['text', 'needed'],
  );
  const { fields } = toFields(schema);
  const read = (entries: Record<string, string>) => readFormEntries(fields, new Map(Object.entries(entries)));

  it('reads entries back as values', () => {
    const entries = {
      '/text': ' a ',
      '/count': ' 3 ',
      '/price': '1.5',
      '/yes': 'on',
      '/size': '"M"',
      '/tags': '["x"]',
      '/optional/b': '-2',
    };
    expect(read(entries)).toEqual({
      values: { text: ' a ', count: 3, price: 1.5, yes: true, size: 'M', tags: ['x'], needed: {}, optional: { b: -2 } },
      errors: [],
    });
  });

  it('leaves out what is empty', () => {
    expect(read({ '/text': '', '/yes': '', '/count': '  ' })).toEqual({ values: { needed: {} }, errors: [] });
  });

  it.each([
    ['/count', '1.5', 'Enter a whole number.'],
    ['/count', '99999999999999999999', 'Enter a whole number.'],
    ['/price', 'Infinity', 'Enter a number.'],
    ['/yes', 'maybe', 'Choose true or false.'],
    ['/size', '"XL"', 'Choose one of the listed values.'],
    ['/tags', '[x]', 'Invalid JSON. Put texts in double quotes.'],
  ])('refuses %s = %s', (name, entry, message) => {
    expect(read({ [name]: entry }).errors).toEqual([{ name, path: [name.slice(1)], message }]);
  });

  it('keeps a property with a dangerous or an odd name a plain property', () => {
    const odd = toFields({
      type: 'object',
      properties: JSON.parse('{"__proto__": {"type": "string"}, "a/b~c": {"type": "string"}}'),
    });
    expect(odd.fields.map(({ name }) => name)).toEqual(['/__proto__', '/a~1b~0c']);
    const { values } = readFormEntries(
      odd.fields,
      new Map([
        ['/__proto__', 'x'],
        ['/a~1b~0c', 'y'],
      ]),
    );
    expect(Object.entries(values)).toEqual([
      ['__proto__', 'x'],
      ['a/b~c', 'y'],
    ]);
    expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
  });

  it('goes both ways', () => {
    const values = {
      text: 'a',
      count: 3,
      yes: false,
      size: 1,
      tags: [1, { x: null }],
      needed: { a: 'q' },
      optional: { b: 1 },
    };
    const { entries, complete } = toFormEntries(fields, values);
    expect(complete).toBe(true);
    expect(readFormEntries(fields, entries)).toEqual({ values, errors: [] });
  });

  it.each([
    [{ other: 1 }],
    [{ count: 'three' }],
    [{ needed: { z: 1 } }],
    [{ needed: 5 }],
    [{ text: '' }],
    [null],
    [[]],
  ])('says when it can not show %j', (values) => {
    expect(toFormEntries(fields, values).complete).toBe(false);
  });
});
