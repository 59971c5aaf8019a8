import { describe, expect, it } from 'vitest';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import type { Outcome } from './drive.ts';
import { cause, type Fault } from './fault.ts';
import { judge } from './judge.ts';

const fault: Fault = {
  name: 'a tool gets another name',
  server: 'shop',
  causes: [cause('tool_missing_or_renamed', 'old', 'new')],
  change: 'repairs',
  draft: 'pins',
  never: ['refund'],
};
const define = (text: string, blockedTools: string[] = []) =>
  workflowDefinition.parse({
    name: 'Order',
    serverId: '00000000-0000-4000-8000-000000000001',
    testerModels: ['builtin/scripted'],
    judgeModel: 'builtin/assertions',
    prompt: 'call old {}',
    criteria: [{ id: '00000000-0000-4000-8000-000000000002', text }],
    toolPolicy: { blockedTools },
  });
const before = define('`old` result field `status` equals "open"', ['refund']);
const rerun = { runId: 'run-2', status: 'pass', warnings: [], comparison: 'fixed' };
const good: Outcome = {
  failed: 'fail',
  repair: {
    runId: 'run-1',
    causes: [{ kind: 'tool_missing_or_renamed', summary: '`old` is most likely called `new` now.' }],
    change: { prompt: 'call new {}' },
    rerun,
    spent: { calls: 6, tokens: 2000 },
  },
  before,
  after: define('`new` result field `state` equals "open"', ['refund']),
  left: null,
  sabotaged: 'fail',
  draft: { red: 'fail', green: 'pass' },
  calls: ['old', 'new'],
};
const repair = (more: Partial<Outcome['repair']>): Partial<Outcome> => ({ repair: { ...good.repair, ...more } });

describe('the judgment of a repair', () => {
  it('has nothing to say about a good one', () => {
    const judgment = { isFirstRight: true, isRepaired: true, isSilenced: false, isPinned: true, misses: [] };
    expect(judge(fault, good)).toEqual(judgment);
  });

  it.each<[string, Partial<Outcome>, Partial<Fault>, string]>([
    ['another kind of cause', repair({ causes: [{ kind: 'flaky', summary: 'old, new' }] }), {}, 'first cause: flaky'],
    [
      'a cause without the new name',
      repair({ causes: [{ kind: 'tool_missing_or_renamed', summary: 'old' }] }),
      {},
      'first cause',
    ],
    ['no cause', repair({ causes: [] }), {}, 'no cause at all'],
    ['no change', repair({ change: null, rerun: null }), {}, 'no change was suggested'],
    ['a change that does not repair', repair({ rerun: { ...rerun, status: 'fail' } }), {}, 'the rerun was fail'],
    ['a change where people have to decide', {}, { change: 'none' }, 'suggested: '],
    ['a change that hides what is left', {}, { change: 'helps' }, 'suggested: '],
    ['a test that notices no other defect', { sabotaged: 'pass' }, {}, 'passes with another defect'],
    ['a criterion that expects less', { after: define('`new` result field `state` exists', ['refund']) }, {}, 'became'],
    ['a tool that is no longer blocked', { after: define('`new` result field `s` equals "open"') }, {}, 'unblocked'],
    ['a call of a tool that must not be called', { calls: ['refund'] }, {}, 'refund was called'],
    ['a draft that passes with the fault', { draft: { red: 'pass', green: 'pass' } }, {}, 'with the fault the draft'],
    ['a draft that fails without it', { draft: { red: 'fail', green: 'fail' } }, {}, 'without the fault the draft'],
    ['a draft that was refused', { draft: { refusal: 'No.' } }, {}, 'the draft was refused: No.'],
    ['a draft that had to be refused', {}, { draft: 'refused' }, 'the draft was not refused'],
  ])('notices %s', (_, outcome, of, miss) => {
    expect(judge({ ...fault, ...of }, { ...good, ...outcome }).misses.join('\n')).toContain(miss);
  });
});
