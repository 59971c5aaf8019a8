import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShopServer, startShopServer } from '../../examples/shop-server/index.ts';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { syncCooldownMs } from '../catalog/sync.ts';
import type { Context } from '../context/context.ts';
import { newId } from '../context/ids.ts';
import { sweepOrganizations } from '../installation/housekeeping/sweep.ts';
import { connectServer } from '../server/connect.ts';
import { createWorkflow } from '../workflow/create.ts';
import { getWorkflow } from '../workflow/reading/get.ts';
import { saveWorkflow } from '../workflow/save.ts';
import { applyProposal } from './apply.ts';
import { draftRegression } from './draft/regression.ts';
import { getProposal } from './get.ts';
import { listProposals } from './list.ts';
import { proposePatch } from './propose.ts';
import { rejectProposal } from './reject.ts';
import { reopenProposal } from './reopen.ts';

let test: TestDeps;
let org: TestOrg;
let shop: ShopServer;
let serverId: string;

beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps);
  shop = await startShopServer({});
  await test.deps.temporal.ensureSearchAttributes();
  const connected = await connectServer(org.ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  serverId = connected.serverId ?? '';
});
afterAll(async () => {
  await shop?.close();
  await test?.close();
});

const hour = 3_600_000;
/** The same context at a later time. */
const later = (ctx: Context, ms: number): Context => ({
  ...ctx,
  deps: { ...ctx.deps, now: () => new Date(Date.now() + ms) },
});
const definition = {
  name: 'Order a mug',
  testerModels: ['builtin/scripted'],
  judgeModel: 'builtin/assertions',
  prompt: 'call search_products {"query": "mug"}',
  criteria: [{ text: 'calls `search_products` once' }, { text: 'no tool call fails' }],
};
async function workflow(more: { toolPolicy?: { allowedTools: string[] } } = {}) {
  const { workflow, version } = await createWorkflow(org.ctx, { definition: { ...definition, ...more, serverId } });
  return { workflowId: workflow.id, baseVersionId: version.id };
}
const rationale = 'The tool was renamed.';
const patch = async (changes: object = { prompt: 'call list_orders {}' }, ctx = org.as('viewer')) => {
  const base = await workflow();
  return { ...(await proposePatch(ctx, { ...base, changes, rationale })), ...base };
};
const auditOf = (subject: string) =>
  test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, subject }, orderBy: { id: 'asc' } });

describe('proposing a change', () => {
  it('warns of a new workflow with the name of another one, when it is proposed and when it is applied', async () => {
    const base = await workflow();
    const warning = { code: 'workflow_name_taken', message: expect.stringContaining(base.workflowId) };
    await test.deps.db.workflow.updateMany({
      where: { orgId: org.orgId, id: { not: base.workflowId } },
      data: { name: 'Another' },
    });
    const staged = await proposePatch(org.as('viewer'), { serverId, definition, rationale });
    expect(staged.warnings).toMatchObject([warning]);
    expect((await applyProposal(org.ctx, { proposalId: staged.proposalId })).warnings).toMatchObject([warning]);
  });

  it('keeps it with diff, evidence, expiry and who means what by it, and changes nothing', async () => {
    const base = await workflow();
    const { criteria } = (await getWorkflow(org.ctx, { workflowId: base.workflowId })).definition;
    const run = await addRun(base, 'fail');
    const ctx: Context = { ...org.as('viewer'), intent: 'repair the workflow' };
    const staged = await proposePatch(ctx, {
      ...base,
      changes: { criteria: [{ op: 'update', position: 0, text: 'calls `search_products`' }], schedule: '0 9 * * *' },
      rationale,
      evidence: [run, 'call-1', `${run}#event-0`, criteria[0]?.id ?? ''],
    });
    expect(staged).toMatchObject({ kind: 'change', state: 'open', warnings: [], workflowId: base.workflowId });
    expect(Date.parse(staged.expiresAt) - Date.parse(staged.createdAt)).toBe(24 * hour);
    const got = await getProposal(org.as('viewer'), { proposalId: staged.proposalId });
    expect(got).toMatchObject({
      stale: false,
      rationale,
      intent: 'repair the workflow',
      changedFields: ['criteria', 'schedule'],
      baseVersionNumber: 1,
      proposedBy: { kind: 'member', name: 'The viewer' },
      evidence: [
        { kind: 'run', runId: run },
        { kind: 'call', runId: run, id: 'call-1' },
        { kind: 'event', runId: run, id: 'event-0' },
        { kind: 'criterion', criterionId: criteria[0]?.id, text: 'calls `search_products` once' },
      ],
      diff: staged.diff,
    });
    expect(got.diff.map(({ field }) => field)).toEqual(['criteria', 'schedule']);
    expect((await getWorkflow(org.ctx, { workflowId: base.workflowId })).version.number).toBe(1);
    expect(await auditOf(staged.proposalId)).toMatchObject([
      { action: 'proposal.propose', intent: 'repair the workflow', actorKind: 'member' },
    ]);
  });

  it('warns of tools that are not there and of changing nothing, and lets it through', async () => {
    const { warnings } = await patch({
      toolPolicy: { allowedTools: ['search_products', 'gone'] },
      criteria: [{ op: 'add', position: 2, text: 'calls `gone`' }],
    });
    expect(warnings.map(({ code, field }) => [code, field])).toEqual([
      ['policy_tool_missing', 'toolPolicy.allowedTools[1]'],
      ['criterion_mentions_missing_tool', 'criteria[2].text'],
      ['criteria_contradict', 'criteria[2].text'],
    ]);
    expect((await patch({ name: definition.name })).warnings).toMatchObject([{ code: 'no_changes' }]);
  });

  it('warns of steps that can not be made, and of a tool that is needed and blocked', async () => {
    const { warnings } = await patch({
      prompt: 'call search_products {"text": "mug"}\ncall nope {}\ncall list_orders {"limit": ',
      toolPolicy: { blockedTools: ['search_products'] },
    });
    expect(warnings.map(({ code, field }) => [code, field])).toEqual([
      ['step_arguments_invalid', 'prompt'],
      ['step_tool_missing', 'prompt'],
      ['step_arguments_invalid', 'prompt'],
      ['needed_tool_blocked', 'toolPolicy.blockedTools[0]'],
      ['criteria_contradict', 'criteria[0].text'],
    ]);
    expect((await patch({ prompt: 'Find a mug.' })).warnings).toMatchObject([{ code: 'prompt_has_no_steps' }]);
  });

  it('warns of an equal proposal that is open', async () => {
    const base = await workflow();
    const proposal = { ...base, changes: { description: 'Mugs.' }, rationale };
    const first = await proposePatch(org.ctx, proposal);
    const second = await proposePatch(org.ctx, { ...proposal, rationale: 'Again.' });
    expect(second.warnings).toMatchObject([
      { code: 'equal_proposal_open', message: expect.stringContaining(first.proposalId) },
    ]);
    await rejectProposal(org.ctx, { proposalId: first.proposalId, reason: 'One is enough.' });
    await rejectProposal(org.ctx, { proposalId: second.proposalId, reason: 'One is enough.' });
    expect((await proposePatch(org.ctx, proposal)).warnings).toEqual([]);
  });

  it.each<[string, object, string, string]>([
    [
      'a position that is not there',
      { criteria: [{ op: 'remove', position: 7 }] },
      'validation_failed',
      'changes.criteria[0].position',
    ],
    [
      'an operation that is incomplete',
      { criteria: [{ op: 'add', position: 0 }] },
      'validation_failed',
      'changes.criteria[0].text',
    ],
    ['an unknown model', { testerModels: ['nobody/nothing'] }, 'model_unavailable', 'changes.testerModels[0]'],
    ['a judge as the tester', { testerModels: ['builtin/assertions'] }, 'validation_failed', 'changes.testerModels[0]'],
    [
      'a policy that leaves nothing',
      { toolPolicy: { allowedTools: ['gone'] } },
      'validation_failed',
      'changes.toolPolicy.allowedTools',
    ],
    ['a schedule of six fields', { schedule: '0 0 9 * * *' }, 'validation_failed', 'changes.schedule'],
  ])('refuses %s', async (_, changes, code, field) => {
    await expect(patch(changes)).rejects.toMatchObject({ code, details: { fieldErrors: [{ field }] } });
  });

  it('refuses evidence that is not there, with its place', async () => {
    const base = await workflow();
    const propose = (evidence: string[]) =>
      proposePatch(org.ctx, { ...base, changes: { name: 'x' }, rationale, evidence });
    await expect(propose([newId()])).rejects.toMatchObject({ details: { fieldErrors: [{ field: 'evidence[0]' }] } });
    await expect(propose(['call-1'])).rejects.toMatchObject({ details: { fieldErrors: [{ field: 'evidence[0]' }] } });
    const run = await addRun(base, 'fail');
    await expect(propose([run, 'call-10'])).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'evidence[1]' }] },
    });
  });

  it('refuses a stale base, a foreign version and half a request', async () => {
    const [one, two] = [await workflow(), await workflow()];
    const given = { changes: { name: 'x' }, rationale };
    await expect(proposePatch(org.ctx, { ...one, ...given, baseVersionId: two.baseVersionId })).rejects.toMatchObject({
      code: 'version_not_found',
    });
    await expect(proposePatch(org.ctx, { workflowId: one.workflowId, ...given })).rejects.toMatchObject({
      details: { fieldErrors: [{ field: 'baseVersionId' }] },
    });
    await expect(proposePatch(org.ctx, { rationale })).rejects.toMatchObject({ code: 'validation_failed' });
    const { version } = await saveWorkflow(org.ctx, { ...one, changes: { name: 'moved on' } });
    await expect(proposePatch(org.ctx, { ...one, ...given })).rejects.toMatchObject({
      code: 'base_version_stale',
      details: { currentVersionId: version.id },
    });
    await expect(proposePatch((await testOrg(test.deps)).ctx, { ...one, ...given })).rejects.toMatchObject({
      code: 'workflow_not_found',
    });
  });
});

describe('the implicit sync', () => {
  it('is made once in five minutes, by whoever proposes, audited, and a failure is a warning', async () => {
    const base = await workflow();
    const propose = (ms: number) =>
      proposePatch(later(org.as('viewer'), ms), { ...base, changes: { name: `at ${ms}` }, rationale });
    const syncs = async () => (await auditOf(serverId)).filter(({ action }) => action === 'catalog.sync');
    await propose(10 * syncCooldownMs);
    const before = await syncs();
    expect(before.at(-1)).toMatchObject({ actorKind: 'system', data: { source: 'implicit' } });
    expect(before.at(-1)?.actorId).toContain('member:');
    await propose(10 * syncCooldownMs + 1000);
    expect(await syncs()).toHaveLength(before.length);

    shop.control.set({ unauthorized: true });
    try {
      const { warnings } = await propose(12 * syncCooldownMs);
      expect(warnings.map(({ code }) => code)).toEqual(['catalog_stale_sync_failed']);
      expect(await syncs()).toHaveLength(before.length + 1);
      expect((await propose(12 * syncCooldownMs + 1000)).warnings).toEqual([]);
    } finally {
      shop.control.reset();
    }
    await test.deps.db.server.updateMany({ where: { id: serverId }, data: { syncAttemptedAt: new Date() } });
  });
});

describe('applying', () => {
  it('makes one version, however many apply it at once, and answers them all the same', async () => {
    const { proposalId, workflowId } = await patch({ schedule: '0 9 * * *' });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => applyProposal(org.as('editor'), { proposalId })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ workflowId, versionNumber: 2, changed: true, warnings: [] });
    expect(await test.deps.db.workflowVersion.count({ where: { workflowId } })).toBe(2);
    const after = await getWorkflow(org.ctx, { workflowId });
    expect(after).toMatchObject({
      workflow: { scheduleSynced: true, activeVersionId: answers[0]?.versionId },
      definition: { schedule: '0 9 * * *' },
    });
    const applied = (await auditOf(proposalId)).filter(({ action }) => action === 'proposal.apply');
    expect(applied).toHaveLength(1);
    expect(await applyProposal(later(org.as('editor'), 30 * 24 * hour), { proposalId })).toEqual(answers[0]);
  });

  it('makes a new workflow once, of 20 at once', async () => {
    const { proposalId } = await proposePatch(org.as('viewer'), {
      serverId,
      definition: { ...definition, name: 'Made by a proposal' },
      rationale,
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => applyProposal(org.as('editor'), { proposalId })),
    );
    expect(new Set(answers.map(({ workflowId }) => workflowId)).size).toBe(1);
    expect(await test.deps.db.workflow.count({ where: { name: 'Made by a proposal' } })).toBe(1);
    expect(await getProposal(org.ctx, { proposalId })).toMatchObject({
      state: 'applied',
      stale: false,
      workflowId: answers[0]?.workflowId,
      result: { versionNumber: 1 },
      decidedBy: { name: 'The editor' },
    });
  });

  it('lets one of two proposals on the same version win; the other is stale with the current one', async () => {
    const base = await workflow();
    const [one, two] = [
      await proposePatch(org.ctx, { ...base, changes: { name: 'one' }, rationale }),
      await proposePatch(org.ctx, { ...base, changes: { name: 'two' }, rationale }),
    ];
    const { versionId } = await applyProposal(org.ctx, { proposalId: one.proposalId });
    expect(await getProposal(org.ctx, { proposalId: two.proposalId })).toMatchObject({ state: 'open', stale: true });
    await expect(applyProposal(org.ctx, { proposalId: two.proposalId })).rejects.toMatchObject({
      code: 'base_version_stale',
      details: { currentVersionId: versionId },
    });
  });

  it('changes nothing for a proposal without changes', async () => {
    const { proposalId, baseVersionId } = await patch({ name: definition.name });
    expect(await applyProposal(org.ctx, { proposalId })).toMatchObject({
      changed: false,
      versionId: baseVersionId,
      versionNumber: 1,
    });
  });

  it('ends after 24 hours', async () => {
    const { proposalId } = await patch();
    await expect(applyProposal(later(org.ctx, 24 * hour + 1000), { proposalId })).rejects.toMatchObject({
      code: 'proposal_expired',
    });
    const expired = await listProposals(later(org.ctx, 25 * hour), { state: 'expired', limit: 100 });
    expect(expired.proposals.map((each) => each.proposalId)).toContain(proposalId);
    expect(await applyProposal(later(org.ctx, 24 * hour - 60_000), { proposalId })).toMatchObject({ changed: true });
  });

  it('is refused when the catalog changed so that it can not run', async () => {
    const { proposalId } = await patch({ toolPolicy: { allowedTools: ['list_orders'] } });
    const tool = { orgId: org.orgId, serverId, name: 'list_orders' };
    await test.deps.db.catalogTool.updateMany({ where: tool, data: { active: false, removedAt: new Date() } });
    try {
      await expect(applyProposal(org.ctx, { proposalId })).rejects.toMatchObject({
        code: 'validation_failed',
        details: { fieldErrors: [{ field: 'toolPolicy.allowedTools' }] },
      });
    } finally {
      await test.deps.db.catalogTool.updateMany({ where: tool, data: { active: true, removedAt: null } });
    }
  });

  it('needs an editor', async () => {
    const { proposalId } = await patch();
    await expect(applyProposal(org.as('viewer'), { proposalId })).rejects.toMatchObject({ code: 'permission_denied' });
  });
});

describe('rejecting', () => {
  it('is for its proposer, the member behind the key that proposed it, and editors', async () => {
    const key = newId();
    const viewer = org.as('viewer').actor;
    await test.deps.db.apiKey.create({
      data: { id: key, orgId: org.orgId, name: 'Agent', role: 'viewer', hash: 'x', createdById: viewer.id },
    });
    const agent: Context = { ...org.ctx, actor: { kind: 'api_key', id: key, orgId: org.orgId, role: 'viewer' } };
    const byAgent = await patch({ name: 'x' }, agent);
    const byOwner = await patch({ name: 'x' }, org.ctx);
    const again = await patch({ name: 'x' }, agent);
    await expect(rejectProposal(agent, { proposalId: byOwner.proposalId })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    await rejectProposal(agent, { proposalId: byAgent.proposalId, reason: 'Not what I meant.' });
    await rejectProposal(org.as('viewer'), { proposalId: again.proposalId });
    await rejectProposal(org.as('editor'), { proposalId: byOwner.proposalId });
    expect(await getProposal(org.ctx, { proposalId: byAgent.proposalId })).toMatchObject({
      state: 'rejected',
      decisionReason: 'Not what I meant.',
      decidedBy: { kind: 'api_key', name: 'Agent' },
    });
    await expect(applyProposal(org.ctx, { proposalId: byAgent.proposalId })).rejects.toMatchObject({
      code: 'proposal_rejected',
    });
  });

  it('can be taken back by those who may reject, until the proposal expires', async () => {
    const { proposalId } = await patch({ name: 'x' }, org.ctx);
    await rejectProposal(org.ctx, { proposalId, reason: 'A slip.' });
    await expect(reopenProposal(org.as('viewer'), { proposalId })).rejects.toMatchObject({ code: 'permission_denied' });
    await expect(reopenProposal(later(org.ctx, 24 * hour + 1000), { proposalId })).rejects.toMatchObject({
      code: 'proposal_expired',
    });
    await reopenProposal(org.as('editor'), { proposalId });
    await reopenProposal(org.as('editor'), { proposalId });
    expect(await getProposal(org.ctx, { proposalId })).toMatchObject({
      state: 'open',
      decidedAt: null,
      decidedBy: null,
      decisionReason: null,
    });
    await applyProposal(org.ctx, { proposalId });
    await expect(reopenProposal(org.ctx, { proposalId })).rejects.toMatchObject({ code: 'conflict' });
  });

  it('comes too late for what was applied', async () => {
    const { proposalId } = await patch();
    await applyProposal(org.ctx, { proposalId });
    await expect(rejectProposal(org.ctx, { proposalId })).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a regression draft', () => {
  it('stages a new manual workflow about what failed, with its evidence, and applies', async () => {
    const base = await workflow();
    const run = await addRun(base, 'fail');
    const staged = await draftRegression(org.as('viewer'), { runId: run, name: 'Mugs stay findable', rationale });
    expect(staged).toMatchObject({ kind: 'workflow', workflowId: null, name: 'Mugs stay findable' });
    const got = await getProposal(org.ctx, { proposalId: staged.proposalId });
    expect(got).toMatchObject({
      sourceRunId: run,
      definition: {
        schedule: null,
        serverId,
        criteria: [{ text: 'calls `search_products` once', isRequired: true }],
        toolPolicy: { allowedTools: ['search_products'] },
      },
      evidence: [{ kind: 'run' }, { kind: 'criterion' }, { kind: 'call', id: 'call-1' }],
    });
    expect(await applyProposal(org.as('editor'), { proposalId: staged.proposalId })).toMatchObject({
      versionNumber: 1,
    });
  });

  it('refuses a run that goes on, and one that passed', async () => {
    const base = await workflow();
    const [going, passed] = [await addRun(base, null), await addRun(base, 'pass')];
    await expect(draftRegression(org.ctx, { runId: going, rationale })).rejects.toMatchObject({
      code: 'run_not_terminal',
    });
    await expect(draftRegression(org.ctx, { runId: passed, rationale })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(draftRegression(org.ctx, { runId: newId(), rationale })).rejects.toMatchObject({
      code: 'run_not_found',
    });
  });
});

describe('the daily sweep', () => {
  it('deletes what was not applied within seven days, and nothing else', async () => {
    const [old, applied, rejected] = [await patch(), await patch(), await patch()];
    await applyProposal(org.ctx, { proposalId: applied.proposalId });
    await rejectProposal(org.ctx, { proposalId: rejected.proposalId });
    const at = (days: number) => later(org.ctx, days * 24 * hour).deps;
    const isThere = async ({ proposalId }: { proposalId: string }) =>
      (await test.deps.db.proposal.count({ where: { id: proposalId } })) === 1;
    await sweepOrganizations(at(6.9), { after: null });
    expect(await Promise.all([old, applied, rejected].map(isThere))).toEqual([true, true, true]);
    expect(await sweepOrganizations(at(7.1), { after: null })).toMatchObject({ after: null });
    expect(await Promise.all([old, applied, rejected].map(isThere))).toEqual([false, true, false]);
    expect(await applyProposal(org.ctx, { proposalId: applied.proposalId })).toMatchObject({ versionNumber: 2 });
  });
});

it('lists by state and workflow, newest first, page by page', async () => {
  const base = await workflow();
  const made: string[] = [];
  for (const name of ['a', 'b', 'c'])
    made.unshift((await proposePatch(org.ctx, { ...base, changes: { name }, rationale })).proposalId);
  const of = { workflowId: base.workflowId, limit: 2 };
  const first = await listProposals(org.as('viewer'), of);
  const second = await listProposals(org.as('viewer'), { ...of, cursor: first.nextCursor ?? '' });
  expect([...first.proposals, ...second.proposals].map(({ proposalId }) => proposalId)).toEqual(made);
  expect(second.nextCursor).toBeNull();
  await rejectProposal(org.ctx, { proposalId: made[0] ?? '' });
  const rejected = await listProposals(org.ctx, { ...of, state: 'rejected' });
  expect(rejected.proposals.map(({ proposalId }) => proposalId)).toEqual([made[0]]);
});

/** A run of one call, written directly. Null `status`: it goes on. */
async function addRun(
  { workflowId, baseVersionId }: { workflowId: string; baseVersionId: string },
  status: 'pass' | 'fail' | null,
): Promise<string> {
  const { db } = test.deps;
  const { orgId } = org;
  const runId = newId();
  const at = new Date();
  await db.run.create({
    data: {
      id: runId,
      orgId,
      workflowId,
      versionId: baseVersionId,
      serverId,
      model: 'builtin/scripted',
      trigger: 'manual',
      status: 'running',
      actorKind: 'system',
      actorId: 'test',
    },
  });
  await db.traceEvent.create({ data: { orgId, runId, seq: 0, type: 'resumed', at, data: { attempt: 1 } } });
  await db.toolCall.create({
    data: { orgId, runId, index: 0, turn: 1, tool: 'search_products', arguments: {}, outcome: 'ok', startedAt: at },
  });
  const { criteria } = (await getWorkflow(org.ctx, { workflowId })).definition;
  await db.criterionResult.createMany({
    data: criteria.map(({ id, text, isRequired }, position) => ({
      orgId,
      runId,
      criterionId: id,
      position,
      text,
      isRequired,
      verdict: position === 0 ? (status ?? 'pass') : 'pass',
      rationale: 'Because.',
      evidence: ['call-1'],
      gradedBy: 'assertion',
    })),
  });
  if (status) await db.run.updateMany({ where: { orgId, id: runId }, data: { status, finishedAt: at } });
  return runId;
}
