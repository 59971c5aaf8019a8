import { describe, expect, it } from 'vitest';
import { type CoverageFacts, computeCoverage, type RunTally } from './coverage.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 21, 9, minute)).toISOString();
const id = (prefix: string, number: number) => `${prefix}-${String(number).padStart(3, '0')}`;
type Called = [tool: string, calls: number, failed: number];

const tally = (number: number, workflowId: string, ...called: Called[]): RunTally => ({
  runId: id('run', number),
  workflowId,
  createdAt: at(0),
  tools: called.map(([tool, calls, failed]) => ({
    tool,
    calls,
    failed,
    lastOkAt: calls > failed ? at(number) : null,
  })),
});
const tool = (name: string, day = 1) => ({ name, firstSeenAt: new Date(Date.UTC(2026, 0, day)) });
const workflow = (workflowId: string, allowedTools: string[] = [], testsServer = true) => ({
  id: workflowId,
  name: `Workflow ${workflowId}`,
  testsServer,
  allowedTools,
});
const search = (facts: Partial<CoverageFacts>) =>
  computeCoverage({ runs: [], tools: [tool('search')], workflows: [workflow('w')], ...facts }).tools[0];

describe('a tool', () => {
  it.each<[string, Partial<CoverageFacts>, ('run' | 'policy')[], number]>([
    ['is a gap when nothing names or calls it', {}, [], 0],
    ['is covered by a run that called it', { runs: [tally(1, 'w', ['search', 1, 0])] }, ['run'], 1],
    ['is covered by one success among failures', { runs: [tally(1, 'w', ['search', 3, 2])] }, ['run'], 3],
    ['is not covered by calls that failed', { runs: [tally(1, 'w', ['search', 2, 2])] }, [], 2],
    ['is covered by a policy that allows it', { workflows: [workflow('w', ['search'])] }, ['policy'], 0],
    ['gets no credit from an archived workflow’s policy', { workflows: [workflow('w', ['search'], false)] }, [], 0],
    ['gets no credit from a policy that allows others', { workflows: [workflow('w', ['order'])] }, [], 0],
    [
      'does not count calls of a workflow whose policy leaves it out by now',
      { runs: [tally(1, 'w', ['search', 1, 0])], workflows: [workflow('w', ['order'])] },
      [],
      0,
    ],
    [
      'is covered both ways',
      { runs: [tally(1, 'w', ['search', 1, 0])], workflows: [workflow('w', ['search'])] },
      ['run', 'policy'],
      1,
    ],
    [
      'counts the run of a workflow that is archived',
      { runs: [tally(1, 'w', ['search', 1, 0])], workflows: [workflow('w', [], false)] },
      ['run'],
      1,
    ],
    [
      'does not count the 51st run',
      {
        runs: Array.from({ length: 51 }, (_, index) =>
          tally(index, 'w', ...(index < 50 ? [] : [['search', 1, 0] as Called])),
        ),
      },
      [],
      0,
    ],
    [
      'counts the 50th run',
      {
        runs: Array.from({ length: 50 }, (_, index) =>
          tally(index, 'w', ...(index < 49 ? [] : [['search', 1, 0] as Called])),
        ),
      },
      ['run'],
      1,
    ],
  ])('%s', (_, facts, by, calls) => {
    expect(search(facts)).toMatchObject({ tool: 'search', covered: by.length > 0, by, calls });
  });

  it('says which workflows cover it and how, its last success, calls and error rate', () => {
    expect(
      search({
        runs: [tally(9, 'w', ['search', 1, 1]), tally(5, 'v', ['search', 2, 0]), tally(3, 'w', ['search', 1, 0])],
        workflows: [workflow('w', ['search']), workflow('v'), workflow('u', ['search'])],
      }),
    ).toEqual({
      tool: 'search',
      covered: true,
      by: ['run', 'policy'],
      workflows: [
        { workflowId: 'u', name: 'Workflow u', by: ['policy'] },
        { workflowId: 'v', name: 'Workflow v', by: ['run'] },
        { workflowId: 'w', name: 'Workflow w', by: ['run', 'policy'] },
      ],
      lastSuccess: { at: at(5), runId: id('run', 5) },
      calls: 4,
      failed: 1,
      errorRate: 0.25,
    });
  });
});

describe('the report', () => {
  it('looks at the first 100 tools by first seen, and says so', () => {
    const tools = Array.from({ length: 101 }, (_, index) => tool(id('tool', index), index === 0 ? 2 : 1));
    const report = computeCoverage({ runs: [], tools, workflows: [workflow('w', [id('tool', 7)])] });
    expect(report).toMatchObject({ activeToolCount: 101, toolCount: 100, coveredCount: 1, percent: 1 });
    expect(report.note).toContain('first 100');
    expect(report.gaps).not.toContain(id('tool', 0));
    expect(computeCoverage({ runs: [], tools: tools.slice(1), workflows: [] }).note).toBeNull();
  });

  it('has no percentage of no tools', () => {
    expect(computeCoverage({ runs: [], tools: [], workflows: [] })).toMatchObject({
      percent: null,
      gaps: [],
      tools: [],
    });
  });
});
