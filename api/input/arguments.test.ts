import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readArguments } from './arguments.ts';
import { toSchema } from './json-schema.ts';

const schema = toSchema(
  z.strictObject({
    serverId: z.string().optional(),
    model: z.string().optional(),
    limit: z.int().optional(),
    backoffSeconds: z.number().optional(),
    wait: z.boolean().default(false),
    search: z.string().optional(),
    status: z.union([z.enum(['pass', 'fail']), z.array(z.enum(['pass', 'fail']))]).optional(),
    schedule: z
      .string()
      .nullable()
      .meta({ none: { word: 'manual', means: 'only manual runs' } })
      .default(null),
    note: z.string().nullable().optional(),
    definition: z
      .object({
        testerModels: z.array(z.string()),
        toolPolicy: z.object({ allowedTools: z.array(z.string()) }).optional(),
        metadata: z.record(z.string(), z.string()).default({}),
      })
      .optional(),
    criteria: z
      .array(
        z.strictObject({
          op: z.enum(['add', 'update']),
          position: z.int(),
          text: z.string().optional(),
          isRequired: z.boolean().optional(),
        }),
      )
      .optional(),
  }),
);
const read = (given: object) => readArguments(schema, given);

describe('arguments as agents write them', () => {
  it.each<[string, object, object]>([
    ['what fits', { limit: 5, search: '5', wait: true }, { limit: 5, search: '5', wait: true }],
    ['a number in text', { limit: ' 5 ', backoffSeconds: '-1.5e1' }, { limit: 5, backoffSeconds: -15 }],
    ['a text that is no number', { limit: 'five', backoffSeconds: '' }, { limit: 'five', backoffSeconds: '' }],
    ['a boolean in text', { wait: 'True' }, { wait: true }],
    ['a text that is no boolean', { wait: 'yes' }, { wait: 'yes' }],
    ['text as it is, where text is wanted', { search: 'null', model: '{}' }, { search: 'null', model: '{}' }],
    ['an object in text', { definition: '{"testerModels": ["a"]}' }, { definition: { testerModels: ['a'] } }],
    ['a list in text', { criteria: '[{"op":"add","position":"0"}]' }, { criteria: [{ op: 'add', position: 0 }] }],
    ['broken JSON', { criteria: '[{', definition: '{"a":' }, { criteria: '[{', definition: '{"a":' }],
    ['a list where an object is wanted', { definition: '[]' }, { definition: '[]' }],
    [
      'JSON that is nested too deeply',
      { criteria: '['.repeat(70) + ']'.repeat(70) },
      { criteria: '['.repeat(70) + ']'.repeat(70) },
    ],
    ['one of two kinds', { status: 'fail' }, { status: 'fail' }],
    ['the other of two kinds', { status: ['fail', 'pass'] }, { status: ['fail', 'pass'] }],
    ['the other of two kinds in text', { status: '["fail"]' }, { status: ['fail'] }],
    ['neither of two kinds', { status: 'lost' }, { status: 'lost' }],
    ['null as left out', { limit: null, status: null, note: null, schedule: null }, {}],
    [
      'null as left out, further down',
      { definition: { toolPolicy: null, testerModels: ['a'] } },
      { definition: { testerModels: ['a'] } },
    ],
    [
      'null as left out, in a list',
      { criteria: [{ op: 'add', position: 0, isRequired: null }] },
      { criteria: [{ op: 'add', position: 0 }] },
    ],
    ['the word for none', { schedule: 'manual' }, { schedule: null }],
    ['the word for none elsewhere', { search: 'manual' }, { search: 'manual' }],
    [
      'a list of names and values',
      { definition: { metadata: [{ name: 'team', value: 'shop' }] } },
      { definition: { metadata: { team: 'shop' } } },
    ],
    [
      'a list of names and values in text',
      { definition: { metadata: '[{"name":"a","value":"b"}]' } },
      { definition: { metadata: { a: 'b' } } },
    ],
    ['a map', { definition: { metadata: { team: 'shop' } } }, { definition: { metadata: { team: 'shop' } } }],
    ['other names', { mcpServerId: 'a', modelId: 'b' }, { serverId: 'a', model: 'b' }],
    ['other names beside null', { mcpServerId: 'a', serverId: null }, { serverId: 'a' }],
    [
      'other names further down',
      { definition: { model: 'a', toolPolicy: { allowed_tools: ['b'] } } },
      { definition: { testerModels: ['a'], toolPolicy: { allowedTools: ['b'] } } },
    ],
    [
      'an operation without its name',
      {
        criteria: [
          { position: 0, text: 'a' },
          { position: '1', isRequired: 'false' },
        ],
      },
      {
        criteria: [
          { op: 'update', position: 0, text: 'a' },
          { op: 'update', position: 1, isRequired: false },
        ],
      },
    ],
    ['an operation that says nothing', { criteria: [{ position: 0 }] }, { criteria: [{ position: 0 }] }],
    [
      'a name of every object',
      JSON.parse('{"definition":{"metadata":{"__proto__":"a"}}}'),
      { definition: { metadata: JSON.parse('{"__proto__":"a"}') } },
    ],
  ])('reads %s', (_, given, value) => {
    expect(read(given)).toEqual({ value, fieldErrors: [] });
  });

  it.each<[string, object, { field: string; message: unknown }[]]>([
    [
      'an unknown name',
      { serverID: 'a' },
      [
        {
          field: 'serverID',
          message: expect.stringMatching(
            /^There is no such argument\. Did you mean serverId\? The arguments here are serverId, model, /,
          ),
        },
      ],
    ],
    [
      'a name that is like no other',
      { xyz: 1 },
      [{ field: 'xyz', message: expect.stringMatching(/^There is no such argument\. The arguments here are /) }],
    ],
    [
      'further ones without the list',
      { xyz: 1, limits: 2 },
      [
        { field: 'xyz', message: expect.any(String) },
        { field: 'limits', message: 'There is no such argument. Did you mean limit?' },
      ],
    ],
    [
      'an unknown name in a list',
      { criteria: [{ op: 'add', position: 0, criterionText: 'a' }] },
      [{ field: 'criteria[0].criterionText', message: expect.stringContaining('op, position, text, isRequired.') }],
    ],
    [
      'an unknown name in JSON in text',
      { definition: '{"model_id":"a"}' },
      [{ field: 'definition.model_id', message: expect.any(String) }],
    ],
    [
      'a name of every object',
      JSON.parse('{"__proto__": {"limit": 1}, "constructor": 1}'),
      [
        { field: '__proto__', message: expect.any(String) },
        { field: 'constructor', message: expect.any(String) },
      ],
    ],
    [
      'both spellings',
      { mcpServerId: 'a', serverId: 'a' },
      [{ field: 'mcpServerId', message: expect.stringContaining('serverId, which is given too') }],
    ],
    [
      'both spellings of the models',
      { definition: { model: 'a', testerModels: ['a'] } },
      [{ field: 'definition.model', message: expect.stringContaining('testerModels') }],
    ],
    [
      'a map with one name twice',
      {
        definition: {
          metadata: [
            { name: 'a', value: 'b' },
            { name: 'a', value: 'c' },
          ],
        },
      },
      [{ field: 'definition.metadata[1].name', message: 'This name is given twice.' }],
    ],
    [
      'a map without names',
      { definition: { metadata: ['a'] } },
      [{ field: 'definition.metadata[0]', message: 'This must be an object with name and value.' }],
    ],
  ])('names %s', (_, given, fieldErrors) => {
    expect(read(given).fieldErrors).toEqual(fieldErrors);
    expect(Object.prototype).not.toHaveProperty('limit');
  });
});
