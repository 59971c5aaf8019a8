import { describe, expect, it } from 'vitest';
import { findContradictions } from './contradictions.ts';
import { workflowDefinition } from './definition.ts';
import { readScript, rewriteSteps } from './script.ts';
import { scriptWarnings } from './script-warnings.ts';

const uuid = (last: number) => `00000000-0000-4000-8000-${String(last).padStart(12, '0')}`;
const make = (prompt: string, criteria: string[], more: object = {}) =>
  workflowDefinition.parse({
    name: 'Order',
    serverId: uuid(0),
    testerModels: ['builtin/scripted'],
    judgeModel: 'builtin/assertions',
    prompt,
    criteria: criteria.map((text, index) => ({ id: uuid(index + 1), text })),
    ...more,
  });
const schema = {
  type: 'object',
  properties: { sku: { type: 'string' }, size: { enum: ['S', 'M'] } },
  required: ['sku'],
  additionalProperties: false,
};
const tools = { names: new Set(['create_order', 'get_order']), schemas: new Map([['create_order', schema]]) };
const codes = (prompt: string, criteria: string[], more: object = {}) =>
  scriptWarnings(make(prompt, criteria, more), tools).map(({ code, field }) => `${code} ${field}`);
const fine = ['no tool call fails'];

describe('warnings about a script', () => {
  it.each([
    ['call create_order {"sku": "a"}', fine, {}, []],
    ['call create_order {"sku": $1.sku}', fine, {}, ['step_arguments_invalid prompt']],
    ['call get_order {}\ncall create_order {"sku": $1.sku, "size": "$1.size"}', fine, {}, []],
    ['call nope {}', fine, {}, ['step_tool_missing prompt']],
    ['call create_order {"sku": 7}', fine, {}, ['step_arguments_invalid prompt']],
    ['call create_order {"sku": "a", "size": "XXL"}', fine, {}, ['step_arguments_invalid prompt']],
    ['call create_order {"sku": "a"', fine, {}, ['step_arguments_invalid prompt']],
    ['call create_order {"sku": 7}', ['`create_order` fails'], {}, []],
    ['Order a mug.', fine, {}, ['prompt_has_no_steps prompt']],
    ['Order a mug.', fine, { testerModels: ['one/model'] }, []],
    [
      'call create_order {"sku": "a"}',
      fine,
      { toolPolicy: { blockedTools: ['create_order'] } },
      ['needed_tool_blocked toolPolicy.blockedTools[0]'],
    ],
    [
      'Order a mug.',
      ['calls `create_order` before `get_order`'],
      { testerModels: ['one/model'], toolPolicy: { allowedTools: ['create_order'] } },
      ['needed_tool_blocked toolPolicy.allowedTools'],
    ],
    [
      'call get_order {}',
      ['calls `get_order` exactly once', 'never calls `get_order`'],
      {},
      ['criteria_contradict criteria[1].text', 'criteria_contradict criteria[1].text'],
    ],
    ['call get_order {}', ['calls `get_order` exactly twice'], {}, ['criteria_contradict criteria[0].text']],
  ])('%j, graded by %j', (prompt, criteria, more, expected) => {
    expect(codes(prompt, criteria, more)).toEqual(expected);
  });

  it('name the tool that is most likely meant', () => {
    const [warning] = scriptWarnings(make('call creat_order {}', fine), tools);
    expect(warning?.message).toContain('Is "create_order" meant?');
  });
});

describe('criteria that contradict each other', () => {
  it.each([
    [['calls `a` exactly once', 'never calls `a`'], [[0, 1]]],
    [['calls `a` at most 2 times', 'calls `a` at least 3 times'], [[0, 1]]],
    [['`a` result contains "x"', 'never calls `a`'], [[0, 1]]],
    [['`a` fails', 'no tool call fails'], [[0, 1]]],
    [['`a` fails', '`a` never fails'], [[0, 1]]],
    [['calls `a` before `b`', 'calls `b` before `a`'], [[0, 1]]],
    [['`a` result contains "x"', '`a` result does not contain "x"'], [[0, 1]]],
    [['`a` result field `n` equals 1', '`a` result field `n` does not exist'], [[0, 1]]],
    [['calls `a` once', '`a` result field `n` equals 1', '`a` result field `n` equals 2'], [[1, 2]]],
    [['`a` is called with `n` = 1', '`a` is never called with `n` = 1'], [[0, 1]]],
    [['final answer contains "x"', 'final answer does not contain "x"'], [[0, 1]]],
    // Each may be met by another result, or both by one.
    [['`a` result field `n` equals 1', '`a` result field `n` equals 2'], []],
    [['calls `a` at least once', 'calls `a` at most once', 'calls `b`', '`b` never fails'], []],
    [['`a` is never called with `n` = 1', 'never calls `a`'], []],
    [['The agent is kind.', 'The agent is not kind.'], []],
  ])('%j', (lines, expected) => {
    expect(findContradictions(lines.map((text) => ({ text }))).map(({ positions }) => positions)).toEqual(expected);
  });
});

describe('rewriting steps', () => {
  const offered = new Set(['a', 'odd name']);
  const change = (prompt: string, to: { tool?: string; arguments?: unknown }) =>
    rewriteSteps(prompt, offered, (step) => (step.tool === 'a' ? { ...step, ...to } : step));

  it('changes what is meant and leaves the rest as it is written', () => {
    expect(change('Use a.\r\n 1. call a {"x":  "a"}\r\ncall b {"a" : 1}', { tool: 'c' })).toBe(
      'Use a.\r\n 1. call c {"x":  "a"}\r\ncall b {"a" : 1}',
    );
    expect(change('call b {}\n- call `a` {"x": $1.y}', { arguments: { z: '$1.y' } })).toBe(
      'call b {}\n- call `a` {"z":"$1.y"}',
    );
    expect(change('call a', { tool: 'odd name' })).toBe('call `odd name`');
    expect(change('call a {}', { tool: 'back`tick' })).toBe('call "back`tick" {}');
  });

  it('leaves a prompt alone where a step would not be read as it is meant', () => {
    expect(change('call a {}', { arguments: { x: '$9.y' } })).toBeNull();
    expect(change('call a the customer', { tool: 'c' })).toBe('call a the customer');
  });

  it('tells prose from steps', () => {
    const prompt = 'Call the customer back.\ncall b {"x": 1}\ncall a\ncall a now';
    expect(readScript(prompt, offered).map(({ tool, problem }) => [tool, problem === null])).toEqual([
      ['b', true],
      ['a', true],
      ['a', false],
    ]);
  });
});
