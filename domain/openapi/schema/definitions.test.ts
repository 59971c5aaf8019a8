import { describe, expect, it } from 'vitest';
import type { ApiDocument } from '../document/document.ts';
import type { Direction } from './convert.ts';
import { createDefinitions } from './definitions.ts';

const document = (version: ApiDocument['version'], schemas: object): ApiDocument => ({
  version,
  title: '',
  apiVersion: '',
  size: { raw: 0, kept: 0 },
  root: { components: { schemas } },
});

const convert = (
  schema: unknown,
  version: ApiDocument['version'] = '3.0',
  schemas = {},
  direction: Direction = 'input',
) => createDefinitions(document(version, schemas), direction).convert(schema).schema;

describe('schemas of OpenAPI 3.0 as JSON Schema 2020-12', () => {
  it.each([
    ['nullable', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    [
      'a nullable enum without null',
      { type: 'string', nullable: true, enum: ['a'] },
      { type: ['string', 'null'], enum: ['a'] },
    ],
    [
      'a nullable combination',
      { nullable: true, allOf: [{ type: 'object' }] },
      { anyOf: [{ allOf: [{ type: 'object' }] }, { type: 'null' }] },
    ],
    [
      'an exclusive bound',
      { type: 'number', minimum: 1, exclusiveMinimum: true },
      { type: 'number', exclusiveMinimum: 1 },
    ],
    [
      'a bound that is not exclusive',
      { type: 'number', maximum: 1, exclusiveMaximum: false },
      { type: 'number', maximum: 1 },
    ],
    ['an example', { type: 'string', example: 'a', examples: ['a'] }, { type: 'string' }],
    [
      'what documentation adds',
      { type: 'string', xml: {}, externalDocs: {}, discriminator: {}, title: 'Name' },
      { type: 'string' },
    ],
    ['a tuple of an older draft', { items: [{ type: 'string' }] }, { prefixItems: [{ type: 'string' }] }],
    ['a type that does not exist', { type: 'any' }, {}],
    ['a file of Swagger 2', { type: 'file' }, { type: 'string' }],
    ['numbers in quotes', { type: 'string', maxLength: '5', minLength: 'x' }, { type: 'string', maxLength: 5 }],
    ['an enum with doubles', { type: 'string', enum: ['a', 'a'] }, { type: 'string', enum: ['a'] }],
    ['an enum of another scalar', { type: 'string', enum: [1, true] }, { type: 'string', enum: ['1', 'true'] }],
    ['a needless escape', { type: 'string', pattern: '^a\\_b\\@c$' }, { type: 'string', pattern: '^a_b@c$' }],
    ['a pattern that is none', { type: 'string', pattern: '(' }, { type: 'string' }],
    ['a truth value as required', { type: 'object', required: true }, { type: 'object' }],
    ['an empty combination', { oneOf: [] }, {}],
    ['no schema', 'text', {}],
    [
      'a long integer that is never too long',
      { type: 'integer', format: 'int64', maximum: 100 },
      { type: 'integer', format: 'int64', maximum: 100 },
    ],
    [
      'a long integer',
      { type: 'integer', format: 'int64' },
      { type: ['integer', 'string'], pattern: '^-?[0-9]{1,19}$', format: 'int64' },
    ],
  ])('converts %s', (_, schema, converted) => {
    expect(convert(schema)).toEqual(converted);
  });

  it('ignores what is beside a reference, but its description', () => {
    const schemas = { Id: { type: 'string' } };
    const schema = { $ref: '#/components/schemas/Id', description: 'Which', nullable: true };
    expect(convert(schema, '3.0', schemas)).toEqual({ description: 'Which', $ref: '#/$defs/Id' });
    expect(convert({ ...schema, minLength: 1 }, '3.1', schemas)).toEqual({
      description: 'Which',
      $ref: '#/$defs/Id',
      minLength: 1,
    });
  });

  it.each([
    ['input', ['name', 'secret'], ['name', 'secret']],
    ['output', ['id', 'name'], ['id', 'name']],
  ] as const)('leaves out of an %s what is not of that direction', (direction, names, required) => {
    const properties = { id: { $ref: '#/components/schemas/Id' }, name: {}, secret: { writeOnly: true } };
    const schemas = { Id: { type: 'string', readOnly: true } };
    const schema = { type: 'object', properties, required: ['id', 'name', 'secret'] };
    const converted = Object(convert(schema, '3.0', schemas, direction));
    expect(Object.keys(converted.properties)).toEqual(names);
    expect(converted.required).toEqual(required);
  });
});

describe('closures', () => {
  const closure = (schema: unknown, schemas: object) => {
    const definitions = createDefinitions(document('3.1', schemas), 'input');
    const converted = definitions.convert(schema);
    return {
      ...definitions.closure(converted.schema),
      missing: [...converted.missing, ...definitions.closure(converted.schema).missing],
    };
  };
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

  it('are what a schema needs, sorted, with cycles', () => {
    const schemas = {
      Tree: { properties: { left: ref('Tree'), leaf: ref('Leaf') } },
      Leaf: { type: 'string' },
      Other: {},
    };
    expect(closure(ref('Tree'), schemas).$defs).toEqual({
      Leaf: { type: 'string' },
      Tree: { properties: { left: { $ref: '#/$defs/Tree' }, leaf: { $ref: '#/$defs/Leaf' } } },
    });
  });

  it.each([
    ['to another file', 'other.yaml#/Pet'],
    ['to nothing', '#/components/schemas/None'],
    ['to the document', '#'],
  ])('name references %s', (_, $ref) => {
    expect(closure({ $ref }, {}).missing).toEqual([$ref]);
    expect(closure(ref('Pet'), { Pet: { items: { $ref } } }).missing).toEqual([$ref]);
  });

  it('have names that fit a pointer', () => {
    const { $defs } = closure({ anyOf: [ref('A B'), ref('A~1B'), ref('A')] }, { 'A B': {}, 'A/B': {}, A: {} });
    expect(Object.keys($defs)).toEqual([
      'A',
      expect.stringMatching(/^A_B_[0-9a-f]{8}$/),
      expect.stringMatching(/^A_B_[0-9a-f]{8}$/),
    ]);
  });

  it('break cycles that come back to the same value', () => {
    const Pet = { properties: { kind: {} }, oneOf: [ref('Dog'), ref('Pet')] };
    const { $defs } = closure(ref('Pet'), { Pet, Dog: { allOf: [ref('Pet'), { required: ['bark'] }] } });
    expect($defs).toEqual({
      Dog: { allOf: [{ $ref: '#/$defs/Pet.own' }, { required: ['bark'] }] },
      Pet: { properties: { kind: {} }, oneOf: [{ $ref: '#/$defs/Dog' }] },
      'Pet.own': { properties: { kind: {} } },
    });
  });

  it('break cycles of nothing but references', () => {
    const { $defs } = closure(ref('A'), { A: { allOf: [ref('B')] }, B: ref('A') });
    expect($defs).toEqual({ A: { allOf: [{ $ref: '#/$defs/B.own' }] }, 'B.own': {} });
  });
});
