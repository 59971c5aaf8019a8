import { describe, expect, it } from 'vitest';
import { workflowDefinition } from './definition.ts';
import { applyChanges, definitionDiff, obstacles, stateAt, type WorkflowChanges, workflowChanges } from './proposal.ts';

const ids = {
  a: '00000000-0000-4000-8000-00000000000a',
  b: '00000000-0000-4000-8000-00000000000b',
  c: '00000000-0000-4000-8000-00000000000c',
  fresh: '00000000-0000-4000-8000-00000000000f',
};
const base = workflowDefinition.parse({
  name: 'Order',
  serverId: '00000000-0000-4000-8000-000000000001',
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: 'first\nsecond\nthird',
  criteria: (['a', 'b', 'c'] as const).map((text) => ({ id: ids[text], text })),
  toolPolicy: { allowedTools: ['search', 'order'], blockedTools: ['refund'] },
});
const newId = () => ids.fresh;
const apply = (changes: WorkflowChanges) => applyChanges(base, changes, newId);
const changed = (changes: WorkflowChanges) => {
  const applied = apply(changes);
  if (!applied.ok) throw new Error(JSON.stringify(applied.fieldErrors));
  return applied.definition;
};
type Operations = NonNullable<WorkflowChanges['criteria']>;

describe('operations on criteria', () => {
  it.each<[string, Operations, string[]]>([
    ['adds before a line', [{ op: 'add', position: 1, text: 'new' }], ['a', 'new', 'b', 'c']],
    ['adds at the end', [{ op: 'add', position: 3, text: 'new' }], ['a', 'b', 'c', 'new']],
    ['removes', [{ op: 'remove', position: 1 }], ['a', 'c']],
    ['moves down', [{ op: 'move', position: 0, toPosition: 2 }], ['b', 'c', 'a']],
    ['moves up', [{ op: 'move', position: 2, toPosition: 0 }], ['c', 'a', 'b']],
    [
      'applies one after the other',
      [
        { op: 'remove', position: 0 },
        { op: 'update', position: 0, text: 'b, edited' },
        { op: 'add', position: 0, text: 'new' },
      ],
      ['new', 'b, edited', 'c'],
    ],
  ])('%s', (_, criteria, texts) => {
    expect(changed({ criteria }).criteria.map(({ text }) => text)).toEqual(texts);
  });

  it('keeps the id of a line whose text or flag changes, and gives a new line one of its own', () => {
    const { criteria } = changed({
      criteria: [
        { op: 'update', position: 0, text: 'a, edited' },
        { op: 'update', position: 1, isRequired: false },
        { op: 'add', position: 3, text: 'd', isRequired: false },
      ],
    });
    expect(criteria).toEqual([
      { id: ids.a, text: 'a, edited', isRequired: true },
      { id: ids.b, text: 'b', isRequired: false },
      { id: ids.c, text: 'c', isRequired: true },
      { id: ids.fresh, text: 'd', isRequired: false },
    ]);
  });

  it.each<[string, WorkflowChanges, string]>([
    [
      'an update behind the end',
      { criteria: [{ op: 'update', position: 3, text: 'x' }] },
      'changes.criteria[0].position',
    ],
    ['an add behind the end', { criteria: [{ op: 'add', position: 4, text: 'x' }] }, 'changes.criteria[0].position'],
    [
      'a position that an earlier operation took away',
      {
        criteria: [
          { op: 'remove', position: 0 },
          { op: 'remove', position: 2 },
        ],
      },
      'changes.criteria[1].position',
    ],
    [
      'a move behind the end',
      { criteria: [{ op: 'move', position: 0, toPosition: 3 }] },
      'changes.criteria[0].toPosition',
    ],
    [
      'taking every criterion away',
      { criteria: [0, 0, 0].map((position) => ({ op: 'remove' as const, position })) },
      'changes.criteria',
    ],
    ['a schedule of six fields', { schedule: '0 0 9 * * *' }, 'changes.schedule'],
    ['a time zone that is none', { timezone: 'Mars/Olympus' }, 'changes.timezone'],
    [
      'a tool on both lists, one of them the base’s',
      { toolPolicy: { blockedTools: ['search'] } },
      'changes.toolPolicy.blockedTools[0]',
    ],
  ])('refuses %s', (_, changes, field) => {
    expect(apply(changes)).toMatchObject({ ok: false, fieldErrors: [{ field }] });
  });
});

describe('the schema of changes', () => {
  it.each<[string, unknown, (string | number)[]]>([
    ['an unknown field', { promt: 'x' }, []],
    ['a server, which a change can’t have', { serverId: base.serverId }, []],
    ['an add without a text', { criteria: [{ op: 'add', position: 0 }] }, ['criteria', 0, 'text']],
    ['an update of nothing', { criteria: [{ op: 'update', position: 0 }] }, ['criteria', 0, 'text']],
    ['a move to nowhere', { criteria: [{ op: 'move', position: 0 }] }, ['criteria', 0, 'toPosition']],
    ['a negative position', { criteria: [{ op: 'remove', position: -1 }] }, ['criteria', 0, 'position']],
    ['a criterion of two lines', { criteria: [{ op: 'add', position: 0, text: 'a\nb' }] }, ['criteria', 0, 'text']],
  ])('refuses %s', (_, changes, path) => {
    expect(workflowChanges.safeParse(changes).error?.issues[0]?.path).toEqual(path);
  });

  it('leaves out what is left out: no default creeps into a change', () => {
    expect(workflowChanges.parse({})).toEqual({});
    expect(workflowChanges.parse({ toolPolicy: { allowedTools: ['x'] }, limits: { turns: 3 } })).toEqual({
      toolPolicy: { allowedTools: ['x'] },
      limits: { turns: 3 },
    });
    const { toolPolicy, limits } = changed({ toolPolicy: { allowedTools: ['x'] }, limits: { turns: 3 } });
    expect(toolPolicy).toEqual({ allowedTools: ['x'], blockedTools: ['refund'] });
    expect(limits).toEqual({ ...base.limits, turns: 3 });
  });
});

describe('the diff', () => {
  it('shows texts by line, lists as sets, parts by name and criteria by id', () => {
    const after = changed({
      prompt: 'first\nother\nthird',
      schedule: '0 9 * * *',
      toolPolicy: { allowedTools: ['order', 'stock'] },
      limits: { seconds: 60 },
      criteria: [
        { op: 'update', position: 0, text: 'a, edited' },
        { op: 'remove', position: 2 },
        { op: 'move', position: 0, toPosition: 1 },
      ],
    });
    expect(definitionDiff(base, after)).toEqual([
      {
        kind: 'text',
        field: 'prompt',
        lines: [
          { op: 'same', text: 'first' },
          { op: 'removed', text: 'second' },
          { op: 'added', text: 'other' },
          { op: 'same', text: 'third' },
        ],
      },
      {
        kind: 'criteria',
        field: 'criteria',
        criteria: [
          { change: 'removed', position: 2, before: base.criteria[2] },
          {
            change: 'edited',
            position: 1,
            before: base.criteria[0],
            after: { ...base.criteria[0], text: 'a, edited' },
          },
          { change: 'reordered' },
        ],
      },
      { kind: 'value', field: 'schedule', before: null, after: '0 9 * * *' },
      {
        kind: 'list',
        field: 'toolPolicy.allowedTools',
        added: ['stock'],
        removed: ['search'],
        after: ['order', 'stock'],
      },
      { kind: 'value', field: 'limits.seconds', before: 300, after: 60 },
    ]);
  });

  it('is empty where nothing differs, and says everything of a new workflow', () => {
    expect(definitionDiff(base, changed({}))).toEqual([]);
    const fields = definitionDiff(null, base).map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['name', 'prompt', 'criteria', 'testerModels', 'limits.turns']));
    expect(fields).not.toContain('description');
  });
});

describe('what keeps a definition from running', () => {
  it.each<[string, string[], string[] | null, number]>([
    ['an open policy', [], ['x'], 0],
    ['one of several tools left', ['gone', 'x'], ['x'], 0],
    ['none of the tools left', ['gone', 'lost'], ['x'], 1],
    ['a catalog that is not known', ['gone'], null, 0],
  ])('%s', (_, allowedTools, names, count) => {
    const definition = { ...base, toolPolicy: { allowedTools, blockedTools: [] } };
    expect(obstacles(definition, { toolNames: names && new Set(names) })).toHaveLength(count);
  });
});

it.each([
  ['open', 1, 'open'],
  ['open', 0, 'expired'],
  ['open', -1, 'expired'],
  ['applied', -1, 'applied'],
  ['rejected', -1, 'rejected'],
])('%s with %i ms left reads as %s', (state, left, expected) => {
  const now = new Date('2026-11-21T09:00:00Z');
  expect(stateAt({ state, expiresAt: new Date(now.getTime() + left) }, now)).toBe(expected);
});
