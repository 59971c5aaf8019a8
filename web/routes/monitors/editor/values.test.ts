import { describe, expect, it } from 'vitest';
import { toFields } from '../../../../domain/schema/form.ts';
import { argumentsAs, entryName, freshKey, parseRows, problemsAt, readArguments, switched } from './values.ts';

const schema = {
  type: 'object',
  properties: { query: { type: 'string' }, limit: { type: 'integer' } },
  required: ['query'],
};
const { fields } = toFields(schema);

describe('arguments that are being written', () => {
  it('go from the form to JSON and back unchanged', () => {
    const written = { mode: 'form' as const, json: '', entries: { '/query': 'mug', '/limit': '3' } };
    const json = switched(written, fields);
    expect(json).toEqual({
      values: { ...written, mode: 'json', json: '{\n  "query": "mug",\n  "limit": 3\n}' },
      errors: [],
    });
    expect(switched(json.values, fields).values).toMatchObject({ mode: 'form', entries: written.entries });
  });

  it('stay as they are where the other way has no place for them', () => {
    const other = { mode: 'json' as const, json: '{"colour": "red"}', entries: {} };
    const answer = switched(other, fields);
    expect([answer.values, answer.errors[0]?.field]).toEqual([other, 'arguments']);
    const wrong = { mode: 'form' as const, json: '', entries: { '/limit': 'three' } };
    expect(switched(wrong, fields)).toEqual({
      values: wrong,
      errors: [{ field: 'arguments.limit', message: 'Enter a whole number.' }],
    });
  });

  it.each(['{', '[1]', 'null', '"text"'])('are refused as JSON: %s', (json) => {
    expect(readArguments({ mode: 'json', json, entries: {} }, fields).errors).toHaveLength(1);
  });

  it('begin as a form, or as JSON where the form would lose something', () => {
    expect(argumentsAs(schema, { query: 'a' })).toMatchObject({ mode: 'form', entries: { '/query': 'a' } });
    expect(argumentsAs(schema, { query: 1 }).mode).toBe('json');
    expect(argumentsAs({ type: 'object', anyOf: [{ required: ['a'] }] }, {}).mode).toBe('json');
  });
});

it('reads the rows of a form by their keys', () => {
  const rows = parseRows({
    row: ['m0', 'm7'],
    'm0.tool': ['search'],
    'm0.mode': ['form'],
    [entryName('m0', '/query')]: ['a\r\nb'],
    'm7.tool': ['other'],
    'm7.mode': ['json'],
    'm7.json': ['{}'],
    'm7.ignoreOutputSchema': ['on'],
    'm7.discardResults': ['on'],
  });
  expect(rows).toMatchObject([
    {
      key: 'm0',
      tool: 'search',
      mode: 'form',
      entries: { '/query': 'a\nb' },
      checkOutputSchema: true,
      storeResults: true,
    },
    { key: 'm7', tool: 'other', mode: 'json', json: '{}', entries: {}, checkOutputSchema: false, storeResults: false },
  ]);
  expect(freshKey(rows)).toBe('m8');
});

it('finds what is wrong with a field, and inside it, but not with its neighbour', () => {
  const errors = ['m0.arguments.query', 'm0.arguments.query[2]', 'm0.arguments.queryText'].map((field) => ({
    field,
    message: field,
  }));
  expect(problemsAt(errors, 'm0.arguments.query').map(({ field }) => field)).toEqual([
    'm0.arguments.query',
    'm0.arguments.query[2]',
  ]);
});
