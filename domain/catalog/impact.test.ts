import { describe, expect, it } from 'vitest';
import { findImpact, type WorkflowUse } from './impact.ts';

const workflow = (more: Partial<WorkflowUse>): WorkflowUse => ({
  id: 'w',
  name: 'Orders',
  prompt: '',
  criteria: [],
  allowedTools: [],
  blockedTools: [],
  called: new Set(),
  ...more,
});

describe('whom a change of a tool concerns', () => {
  it.each([
    ['a prompt that names it', { prompt: 'call get_order {"id": 1}' }, ['prompt']],
    ['a prompt that names a longer one', { prompt: 'call get_orders {}; forget_order; get_order-v2' }, []],
    ['a criterion in backticks', { criteria: ['is kind', 'calls `get_order` once'] }, ['criteria']],
    ['a run that called it', { called: new Set(['get_order']) }, ['runs']],
    [
      'all of it',
      { prompt: 'get_order', criteria: ['get_order'], called: new Set(['get_order']) },
      ['prompt', 'criteria', 'runs'],
    ],
    ['nothing', {}, []],
  ] as const)('%s', (_, more, because) => {
    const { workflows } = findImpact('get_order', { workflows: [workflow(more)], monitors: [] });
    expect(workflows).toEqual(because.length > 0 ? [{ id: 'w', name: 'Orders', because }] : []);
  });

  it('finds its monitors and the policies that name it', () => {
    const impact = findImpact('get_order', {
      workflows: [workflow({ allowedTools: ['get_order', 'x'] }), workflow({ id: 'v', blockedTools: ['get_order'] })],
      monitors: [
        { id: 'm', name: 'Order 1', tool: 'get_order' },
        { id: 'n', name: 'Order 2', tool: 'get_orders' },
      ],
    });
    expect(impact).toEqual({
      workflows: [],
      monitors: [{ id: 'm', name: 'Order 1' }],
      policies: [
        { workflowId: 'w', name: 'Orders', list: 'allowed' },
        { workflowId: 'v', name: 'Orders', list: 'blocked' },
      ],
    });
  });
});
