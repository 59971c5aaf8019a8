import { describe, expect, it } from 'vitest';
import { judgeTool, offeredTools, policyWarnings } from './tool-policy.ts';

const open = { allowedTools: [], blockedTools: [] };
const tools = [{ name: 'search' }, { name: 'refund' }, { name: 'delete_all' }];

describe('offeredTools', () => {
  it.each([
    ['an open policy offers every tool', open, ['search', 'refund', 'delete_all']],
    [
      'blocked tools stay visible under an open policy',
      { allowedTools: [], blockedTools: ['refund'] },
      ['search', 'refund', 'delete_all'],
    ],
    [
      'a non-empty allow list is the whole offer, in the catalog order',
      { allowedTools: ['refund', 'search'], blockedTools: [] },
      ['search', 'refund'],
    ],
    ['an allowed tool that does not exist is not made up', { allowedTools: ['gone'], blockedTools: [] }, []],
    [
      'blocked tools outside the allow list are not offered',
      { allowedTools: ['search'], blockedTools: ['refund'] },
      ['search'],
    ],
  ])('%s', (_, policy, names) => {
    expect(offeredTools(policy, tools).map(({ name }) => name)).toEqual(names);
  });

  it('gives a new list', () => {
    expect(offeredTools(open, tools)).not.toBe(tools);
  });
});

describe('verdictOf', () => {
  it.each([
    ['an offered tool', open, ['search'], 'search', 'allowed'],
    ['a tool nobody offered', open, ['search'], 'invented', 'not_offered'],
    [
      'a blocked tool that was offered',
      { allowedTools: [], blockedTools: ['refund'] },
      ['search', 'refund'],
      'refund',
      'blocked',
    ],
    [
      'a blocked tool that was not offered',
      { allowedTools: ['search'], blockedTools: ['refund'] },
      ['search'],
      'refund',
      'blocked',
    ],
    [
      'a tool outside the allow list',
      { allowedTools: ['search'], blockedTools: [] },
      ['search'],
      'refund',
      'not_offered',
    ],
    ['a name that differs in case', open, ['search'], 'Search', 'not_offered'],
    [
      'a resource tool that policy does not name',
      { allowedTools: ['search'], blockedTools: [] },
      ['search', 'read_resource'],
      'read_resource',
      'allowed',
    ],
  ] as const)('%s is %s', (_, policy, offered, tool, verdict) => {
    const { allowedTools, blockedTools } = policy;
    expect(judgeTool({ allowedTools: [...allowedTools], blockedTools: [...blockedTools] }, offered, tool)).toBe(
      verdict,
    );
  });
});

describe('policyWarnings', () => {
  it('names each entry that the catalog lacks, with its place', () => {
    const warnings = policyWarnings({ allowedTools: ['search', 'gone'], blockedTools: ['lost'] }, ['search']);
    expect(warnings).toEqual([
      {
        code: 'policy_tool_missing',
        message: 'The server has no active tool named "gone": the agent will not be offered it.',
        field: 'toolPolicy.allowedTools[1]',
      },
      {
        code: 'policy_tool_missing',
        message: 'The server has no active tool named "lost": blocking it has no effect.',
        field: 'toolPolicy.blockedTools[0]',
      },
    ]);
  });

  it('is silent when every entry is active', () => {
    expect(policyWarnings({ allowedTools: ['search'], blockedTools: ['refund'] }, ['search', 'refund'])).toEqual([]);
  });
});
