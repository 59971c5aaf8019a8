import { describe, expect, it } from 'vitest';
import { knownArguments, sampleArguments } from '../schema/samples.ts';
import { workflowDefinition } from './definition.ts';
import { type FailedRun, findRegression } from './regression.ts';

const uuid = (last: string) => `00000000-0000-4000-8000-${last.padStart(12, '0')}`;
const definition = workflowDefinition.parse({
  name: 'Order',
  serverId: uuid('1'),
  testerModels: ['one/model', 'two/model'],
  judgeModel: 'one/judge',
  prompt: 'Order a mug.',
  criteria: [
    { id: uuid('a'), text: 'calls `create_order` once', isRequired: false },
    { id: uuid('b'), text: 'The agent is kind.' },
  ],
  schedule: '0 9 * * *',
  toolPolicy: { blockedTools: ['refund'] },
});
const result = (last: string, text: string, verdict: 'pass' | 'fail' | 'partial', evidence: string[] = []) => ({
  criterionId: uuid(last),
  text,
  isRequired: false,
  verdict,
  evidence,
});
const run = (more: Partial<FailedRun>): FailedRun => ({
  runId: uuid('2'),
  model: 'two/model',
  definition,
  results: [],
  calls: [],
  passingTools: [],
  seenTools: new Set(['search', 'create_order', 'stock', 'refund']),
  toolNames: new Set(['search', 'create_order', 'stock', 'refund']),
  ...more,
});
const draft = (more: Partial<FailedRun>) => findRegression(run(more), { newId: () => crypto.randomUUID() });

describe('a regression', () => {
  it('keeps server, judge and model, runs by hand, and is about what failed alone', () => {
    const { definition: made, failed } = draft({
      results: [
        result('a', 'calls `create_order` once', 'fail', ['call-1']),
        result('b', 'The agent is kind.', 'pass'),
      ],
      calls: [
        { index: 0, tool: 'search', outcome: 'ok' },
        { index: 1, tool: 'stock', outcome: 'tool_error' },
        { index: 2, tool: 'refund', outcome: 'blocked' },
        { index: 3, tool: 'made_up', outcome: 'not_offered' },
      ],
    });
    expect(made).toMatchObject({
      serverId: definition.serverId,
      testerModels: ['two/model'],
      judgeModel: 'one/judge',
      schedule: null,
      criteria: [{ text: 'calls `create_order` once', isRequired: true }],
      toolPolicy: { allowedTools: ['search', 'stock', 'made_up', 'create_order'], blockedTools: ['refund'] },
      metadata: { regressionOf: uuid('2') },
    });
    expect(made.criteria[0]?.id).not.toBe(uuid('a'));
    expect(made.prompt).toBe('Order a mug.\n\nOnly the part of this that needs "search" matters here.');
    expect(made.prompt).not.toContain('once');
    expect(failed).toEqual([uuid('a')]);
    expect(workflowDefinition.safeParse(made).success).toBe(true);
  });

  it('never allows what the run blocked or did not allow, whatever the criteria and steps ask for', () => {
    const steps = 'call search {}\ncall refund {}\ncall stock {}';
    const results = [result('a', '`refund` never fails', 'fail')];
    const calls = [
      { index: 0, tool: 'search', outcome: 'ok' as const },
      { index: 1, tool: 'refund', outcome: 'blocked' as const },
    ];
    const given = { results, calls, passingTools: ['stock', 'refund'] };
    const open = draft({ ...given, definition: { ...definition, prompt: steps } });
    expect(open.definition.toolPolicy).toEqual({ allowedTools: ['search', 'stock'], blockedTools: ['refund'] });
    expect(open.definition.prompt).toBe(steps);
    const toolPolicy = { allowedTools: ['search', 'create_order'], blockedTools: ['refund'] };
    const narrow = draft({ ...given, definition: { ...definition, prompt: steps, toolPolicy } });
    expect(narrow.definition.toolPolicy).toEqual({ allowedTools: ['search'], blockedTools: ['refund'] });
  });

  it('allows a tool that the server did not have, and those that the last passing run and the steps need', () => {
    const { definition: made } = draft({
      definition: { ...definition, prompt: 'call find {}\ncall stock {}' },
      results: [result('a', 'calls `create_order` once', 'fail')],
      calls: [{ index: 0, tool: 'find', outcome: 'not_offered' }],
      passingTools: ['find', 'stock', 'search'],
    });
    expect(made.toolPolicy.allowedTools).toEqual(['find', 'stock', 'search', 'create_order']);
  });

  it('keeps the policy where no call was made', () => {
    const toolPolicy = { allowedTools: ['search', 'stock'], blockedTools: ['refund'] };
    expect(draft({ definition: { ...definition, toolPolicy } }).definition.toolPolicy).toEqual(toolPolicy);
  });

  it('takes every criterion where none could be graded, and opens the policy where no tool is left', () => {
    const { definition: made } = draft({
      calls: [{ index: 0, tool: 'gone', outcome: 'rpc_error' }],
      toolNames: new Set(['other']),
    });
    expect(made.criteria).toHaveLength(2);
    expect(made.toolPolicy.allowedTools).toEqual([]);
  });
});

describe('sample arguments', () => {
  it.each<[string, unknown, unknown]>([
    ['no schema', undefined, {}],
    ['nothing required', { type: 'object', properties: { a: { type: 'string' } } }, {}],
    [
      'a value of each type',
      {
        type: 'object',
        required: ['text', 'count', 'on', 'list', 'nested', 'choice', 'known', 'either'],
        properties: {
          text: { type: 'string' },
          count: { type: 'integer', minimum: 3 },
          on: { type: 'boolean' },
          list: { type: 'array', minItems: 1, items: { type: 'number' } },
          nested: { $ref: '#/$defs/nested' },
          choice: { enum: ['x', 'y'] },
          known: { type: 'string', examples: ['mug'] },
          either: { anyOf: [{ type: 'null' }, { type: 'string' }] },
        },
        $defs: { nested: { type: 'object', required: ['id'], properties: { id: { type: 'string', default: 'n-1' } } } },
      },
      {
        text: 'text',
        count: 3,
        on: true,
        list: [1],
        nested: { id: 'n-1' },
        choice: 'x',
        known: 'mug',
        either: null,
      },
    ],
  ])('%s', (_, schema, sample) => {
    expect(sampleArguments(schema)).toEqual(sample);
  });

  it('can be limited to values that the schema names', () => {
    const properties = {
      example: { type: 'string', examples: ['mug'] },
      default: { type: 'integer', default: 2 },
      choice: { enum: ['x', 'y'] },
      text: { type: 'string' },
      count: { type: 'integer', minimum: 3 },
      list: { type: 'array', minItems: 1, items: { enum: [1] } },
      nested: { type: 'object', required: ['a', 'b'], properties: { a: { default: 1 }, b: { type: 'string' } } },
      optional: { default: 'left out' },
    };
    const required = ['example', 'default', 'choice', 'text', 'count', 'list', 'nested', 'undescribed'];
    expect(knownArguments({ type: 'object', required, properties })).toEqual({
      example: 'mug',
      default: 2,
      choice: 'x',
      nested: { a: 1 },
    });
  });

  it('ends with a schema that contains itself', () => {
    const schema = { type: 'object', required: ['next'], properties: { next: { $ref: '#' } } };
    expect(JSON.stringify(sampleArguments(schema)).length).toBeLessThan(200);
  });
});
