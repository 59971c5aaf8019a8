import { describe, expect, it } from 'vitest';
import { canBeTried, draftTest, groupTools } from './draft.ts';

const tool = (name: string, rest: object = {}) => ({ name, inputSchema: { type: 'object' }, ...rest });
const needs = (schema: object) => ({
  inputSchema: { type: 'object', properties: { id: schema }, required: ['id'] },
});

describe('groupTools', () => {
  it.each([
    [
      ['search_products', 'getProduct', 'list-orders', 'get.order', 'ping'],
      { product: ['search_products', 'getProduct'], order: ['list-orders', 'get.order'], other: ['ping'] },
    ],
    [['echo', 'add'], { all: ['echo', 'add'] }],
    [['get_status', 'set_status'], { status: ['get_status', 'set_status'] }],
    [['get_address', 'set_addresses'], { all: ['get_address', 'set_addresses'] }],
    [[], {}],
    [['…', '---'], { all: ['…', '---'] }],
  ])('of %j is by topic', (names, groups) => {
    const found = groupTools(names.map((name) => tool(name)));
    expect(Object.fromEntries(found.map(({ topic, tools }) => [topic, tools.map(({ name }) => name)]))).toEqual(groups);
  });

  it('divides large groups', () => {
    const found = groupTools(Array.from({ length: 20 }, (_, index) => tool(`do${index}_thing`)));
    expect(found.map(({ topic, tools }) => [topic, tools.length])).toEqual([
      ['thing', 8],
      ['thing 2', 8],
      ['thing 3', 4],
    ]);
  });
});

describe('canBeTried', () => {
  it.each([
    ['a reader without arguments', tool('get_things'), true],
    ['one that says that it reads', tool('things', { annotations: { readOnlyHint: true } }), true],
    ['one that says nothing and may write', tool('order'), false],
    ['one that says that it writes', tool('get_things', { annotations: { readOnlyHint: false } }), false],
    ['a reader that needs what nobody names', tool('get_thing', needs({ type: 'string' })), false],
    ['a reader with an example', tool('get_thing', needs({ type: 'string', examples: ['a'] })), true],
    ['a reader with listed values', tool('get_thing', needs({ enum: ['a', 'b'] })), true],
    ['a reader with a default', tool('get_thing', needs({ type: 'integer', default: 3 })), true],
  ])('%s', (_, given, is) => {
    expect(canBeTried(given)).toBe(is);
  });
});

describe('draftTest', () => {
  const tools = [tool('get_a'), tool('get b', { outputSchema: { type: 'object' } })];

  it('is a script for the built-in tester', () => {
    expect(draftTest(tools, { isScripted: true })).toEqual({
      prompt: 'call `get_a` {}\ncall `get b` {}',
      criteria: ['calls `get_a`', 'calls `get b`', 'no tool call fails', '`get b` result fits its output schema'],
    });
  });

  it('is a task for a model', () => {
    expect(draftTest(tools, { isScripted: false }).prompt).toContain('needs the tools `get_a` and `get b`,');
    expect(draftTest(tools.slice(0, 1), { isScripted: false }).prompt).toContain('needs the tool `get_a`,');
  });
});
