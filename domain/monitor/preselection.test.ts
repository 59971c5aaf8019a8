import { describe, expect, it } from 'vitest';
import { preselect } from './preselection.ts';

const readOnly = { readOnlyHint: true };
const decide = (tool: Partial<Parameters<typeof preselect>[0]>) =>
  preselect({
    name: 'ping',
    annotations: {},
    inputSchema: { type: 'object' },
    taskSupport: null,
    testCall: null,
    monitorCount: 0,
    ...tool,
  });

describe('preselect', () => {
  it.each<[string, Parameters<typeof decide>[0]]>([
    ['a tool that only reads', { annotations: readOnly }],
    ['whatever else its annotations say', { annotations: { ...readOnly, destructiveHint: true } }],
    ['optional arguments', { annotations: readOnly, inputSchema: { type: 'object', properties: { a: {} } } }],
    ['get_order', { name: 'get_order' }],
    ['getOrder', { name: 'getOrder' }],
    ['Get-Order', { name: 'Get-Order' }],
    ['list', { name: 'list' }],
    ['search.products', { name: 'search.products' }],
    ['find orders', { name: 'find orders' }],
    ['READ_ALL', { name: 'READ_ALL' }],
    ['a title beside the name', { name: 'get_order', annotations: { title: 'Order' } }],
    ['a quick test call', { name: 'get_order', testCall: { latencyMs: 5000, asked: false } }],
    ['support of tasks', { name: 'get_order', taskSupport: 'optional' }],
  ])('takes %s', (_, tool) => {
    expect(decide(tool)).toMatchObject({ preselected: true });
  });

  it.each<[string, Parameters<typeof decide>[0], string]>([
    ['another name', {}, 'Nothing says'],
    ['getaway', { name: 'getaway' }, 'Nothing says'],
    ['readjust', { name: 'readjust' }, 'Nothing says'],
    ['forget_order', { name: 'forget_order' }, 'Nothing says'],
    ['a name beside other annotations', { name: 'get_order', annotations: { openWorldHint: false } }, 'does not say'],
    ['a tool that writes', { name: 'get_order', annotations: { readOnlyHint: false } }, 'does not say'],
    ['a destructive tool', { annotations: { destructiveHint: true } }, 'delete data'],
    [
      'required arguments',
      { annotations: readOnly, inputSchema: { type: 'object', required: ['a', 'b'] } },
      'It needs arguments: a, b.',
    ],
    ['conditions', { annotations: readOnly, inputSchema: { anyOf: [{ required: ['a'] }] } }, 'depends on'],
    ['a schema that is no object', { annotations: readOnly, inputSchema: [] }, 'cannot be read'],
    ['tasks only', { annotations: readOnly, taskSupport: 'required' }, 'as a task'],
    ['a slow test call', { annotations: readOnly, testCall: { latencyMs: 5001, asked: false } }, 'took 5.0 s'],
    ['a test call that asked', { annotations: readOnly, testCall: { latencyMs: 10, asked: true } }, 'asked for input'],
    ['a monitored tool', { annotations: readOnly, monitorCount: 2 }, 'Monitors call it'],
  ])('leaves out %s', (_, tool, why) => {
    expect(decide(tool)).toEqual({ preselected: false, why: expect.stringContaining(why) });
  });
});
