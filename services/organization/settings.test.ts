import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scenario, startScenario } from '../../tests/support/scenario.ts';
import { newId } from '../context/ids.ts';
import { sweepOrganizations } from '../installation/housekeeping/sweep.ts';
import { getProposal } from '../proposal/get.ts';
import { proposePatch } from '../proposal/propose.ts';
import { createWorkflow } from '../workflow/create.ts';
import { getWorkflow } from '../workflow/reading/get.ts';
import { editOrganization } from './edit.ts';
import { getOrganizationSettings } from './get-settings.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ worker: false });
});
afterAll(() => scenario?.close());

const definition = () => ({
  name: `Order ${newId()}`,
  serverId: scenario.serverId,
  prompt: 'call search_products {"query": "mug"}',
  criteria: [{ text: 'no tool call fails' }],
});

const read = async (workflowId: string) => (await getWorkflow(scenario.ctx, { workflowId })).definition;

describe('settings of a workspace', () => {
  it('are read by everybody and changed by the owner, each on its own', async () => {
    await expect(editOrganization(scenario.org.as('admin'), { name: 'Mine' })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    await editOrganization(scenario.ctx, { name: '  Acme tests ' });
    await editOrganization(scenario.ctx, { runRetentionDays: 90 });
    expect(await getOrganizationSettings(scenario.org.as('viewer'), {})).toEqual({
      name: 'Acme tests',
      defaultTesterModels: [],
      defaultJudgeModel: null,
      runRetentionDays: 90,
      requirePersonToApply: false,
      owner: { name: 'The owner', email: expect.stringContaining('@example.com') },
    });
  });

  it('refuse models that are not there, and periods that are none', async () => {
    await expect(
      editOrganization(scenario.ctx, {
        defaultTesterModels: ['builtin/assertions', 'acme/large'],
        defaultJudgeModel: 'builtin/scripted',
      }),
    ).rejects.toMatchObject({
      code: 'validation_failed',
      details: {
        fieldErrors: [
          { field: 'defaultTesterModels[0]', message: 'There is no tester model "builtin/assertions".' },
          { field: 'defaultTesterModels[1]', message: 'There is no tester model "acme/large".' },
          { field: 'defaultJudgeModel', message: 'There is no judge model "builtin/scripted".' },
        ],
      },
    });
    for (const runRetentionDays of [0, -1, 1.5, 4000])
      await expect(editOrganization(scenario.ctx, { runRetentionDays })).rejects.toMatchObject({
        code: 'validation_failed',
      });
  });

  it('fill in models when a workflow is created, and leave workflows as they were saved', async () => {
    const { workflow: first } = await createWorkflow(scenario.ctx, { definition: definition() });
    expect(await read(first.id)).toMatchObject({
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
    });
    const { deps } = scenario;
    const { list } = deps.models;
    const extra = { label: 'm', provider: 'acme', builtin: false, source: 'installation', keySet: true } as const;
    const models = {
      ...deps.models,
      list: () => [...list(), { ...extra, id: 'acme/m', tester: true, judge: true }],
    };
    const ctx = { ...scenario.ctx, deps: { ...deps, models } };
    await editOrganization(ctx, { defaultTesterModels: ['acme/m', 'builtin/scripted'], defaultJudgeModel: 'acme/m' });
    const chosen = { testerModels: ['acme/m', 'builtin/scripted'], judgeModel: 'acme/m' };
    const second = await createWorkflow(ctx, { definition: definition() });
    expect(await read(second.workflow.id)).toMatchObject(chosen);
    const own = await createWorkflow(ctx, { definition: { ...definition(), judgeModel: 'builtin/assertions' } });
    expect(await read(own.workflow.id)).toMatchObject({ ...chosen, judgeModel: 'builtin/assertions' });
    const { proposalId } = await proposePatch(ctx, {
      serverId: scenario.serverId,
      definition: { ...definition(), serverId: undefined },
      rationale: 'Test it.',
    });
    expect((await getProposal(ctx, { proposalId })).definition).toMatchObject(chosen);

    await editOrganization(ctx, { defaultTesterModels: [], defaultJudgeModel: null });
    expect(await read(second.workflow.id)).toMatchObject(chosen);
  });

  it('delete runs past the retention with their evidence, in the audit log, and keep the others', async () => {
    const { db } = scenario.deps;
    const { orgId } = scenario.org;
    const workflowId = await scenario.workflow();
    const { activeVersionId } = await db.workflow.findUniqueOrThrow({ where: { orgId_id: { orgId, id: workflowId } } });
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000);
    const addRun = async (createdAt: Date, finishedAt: Date | null) => {
      const id = newId();
      await db.run.create({
        data: {
          id,
          orgId,
          workflowId,
          versionId: activeVersionId,
          serverId: scenario.serverId,
          model: 'builtin/scripted',
          trigger: 'manual',
          actorKind: 'system',
          actorId: 'test',
          createdAt,
          startedAt: createdAt,
        },
      });
      await db.traceEvent.create({ data: { orgId, runId: id, seq: 0, type: 'resumed', at: createdAt, data: {} } });
      if (finishedAt) await db.run.updateMany({ where: { id }, data: { status: 'pass', finishedAt } });
      return id;
    };
    const old = await addRun(daysAgo(31), daysAgo(31));
    const kept = [
      await addRun(daysAgo(29), daysAgo(29)),
      // It began before, and ended after.
      await addRun(daysAgo(31), daysAgo(29)),
      await addRun(daysAgo(31), null),
    ];
    const left = async () =>
      (await db.run.findMany({ where: { orgId, workflowId }, select: { id: true } })).map(({ id }) => id).sort();
    await editOrganization(scenario.ctx, { runRetentionDays: null });
    await sweepOrganizations(scenario.deps, { after: null });
    expect(await left()).toEqual([old, ...kept].sort());
    await editOrganization(scenario.ctx, { runRetentionDays: 30 });
    await sweepOrganizations(scenario.deps, { after: null });
    await sweepOrganizations(scenario.deps, { after: null });
    expect(await left()).toEqual([...kept].sort());
    expect(await db.traceEvent.count({ where: { orgId, runId: old } })).toBe(0);
    expect(await db.auditEvent.findMany({ where: { orgId, action: 'run.expire' } })).toMatchObject([
      { actorKind: 'system', data: { runs: 1 } },
    ]);
  });
});
