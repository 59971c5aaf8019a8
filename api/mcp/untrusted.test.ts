import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toAnswerSchema } from '../input/json-schema.ts';
import { markUntrusted } from './untrusted.ts';

const output = z.object({
  id: z.uuid(),
  name: z.string(),
  status: z.string(),
  state: z.enum(['on', 'off']),
  at: z.iso.datetime().nullable(),
  tags: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  result: z.unknown(),
  items: z.array(z.union([z.object({ op: z.literal('a'), text: z.string() }), z.object({ op: z.literal('b') })])),
  loose: z.looseObject({ count: z.int() }),
});
const empty = {
  id: '019bd5a3-1111-7111-8111-111111111111',
  name: '',
  status: 'pass',
  state: 'on',
  at: '2026-11-30T00:00:00.000Z',
  tags: [],
  labels: {},
  result: null,
  items: [{ op: 'b' }],
  loose: { count: 1 },
};
const fieldsOf = (answer: object, whole: string[] = []) => {
  const { _untrusted } = markUntrusted({ ...empty, ...answer }, { schema: toAnswerSchema(output), whole });
  return _untrusted === undefined ? [] : z.object({ fields: z.array(z.string()) }).parse(_untrusted).fields;
};

describe('the fields that others wrote', () => {
  it('are not named where there are none', () => {
    expect(markUntrusted(empty, { schema: toAnswerSchema(output), whole: [] })).toEqual(empty);
  });

  it.each<[string, object, string[], string[]]>([
    ['a text', { name: 'x' }, [], ['name']],
    ['texts of a list, once', { tags: ['', 'x', 'y'] }, [], ['tags[]']],
    ['names and values of a map', { labels: { x: '' } }, [], ['labels']],
    ['what has no schema', { result: { status: 'x' } }, [], ['result']],
    ['members of one of several kinds', { items: [{ op: 'b' }, { op: 'a', text: 'x' }] }, [], ['items[].text']],
    ['a member that the schema does not have', { loose: { count: 1, more: 'x' } }, [], ['loose']],
    ['a part as a whole', { items: [{ op: 'a', text: 'x' }] }, ['items[]'], ['items[]']],
    ['nothing of a part that is empty', { tags: [] }, ['tags', 'name'], []],
  ])('are named: %s', (_, answer, whole, fields) => {
    expect(fieldsOf(answer, whole)).toEqual(fields);
  });

  it('are told by names and values where there is no schema', () => {
    const { _untrusted } = markUntrusted(empty, { schema: null, whole: [] });
    expect(_untrusted).toMatchObject({ fields: ['items[].op'] });
  });
});
