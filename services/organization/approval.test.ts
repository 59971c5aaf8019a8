import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scenario, startScenario } from '../../tests/support/scenario.ts';
import type { Context } from '../context/context.ts';
import { applyProposal } from '../proposal/apply.ts';
import { proposePatch } from '../proposal/propose.ts';
import { getWorkflow } from '../workflow/reading/get.ts';
import { editOrganization } from './edit.ts';

let scenario: Scenario;
let workflowId: string;
beforeAll(async () => {
  scenario = await startScenario({ worker: false });
  workflowId = await scenario.workflow();
});
afterAll(() => scenario?.close());

const agent = (): Context => {
  const { ctx, orgId } = scenario.org;
  return { ...ctx, actor: { kind: 'api_key', id: crypto.randomUUID(), orgId, role: 'owner' } };
};
let proposed = 0;
async function propose(ctx: Context): Promise<string> {
  proposed += 1;
  const { version } = await getWorkflow(scenario.ctx, { workflowId });
  const { proposalId } = await proposePatch(ctx, {
    workflowId,
    baseVersionId: version.id,
    rationale: 'Say what it is for.',
    changes: { description: `Take ${proposed}.` },
  });
  return proposalId;
}

describe('a workspace in which people apply what API keys propose', () => {
  it('refuses keys and Armature itself, and lets people do it', async () => {
    await editOrganization(scenario.org.as('owner'), { requirePersonToApply: true });
    const proposalId = await propose(agent());
    for (const ctx of [agent(), scenario.org.asSystem()])
      await expect(applyProposal(ctx, { proposalId })).rejects.toMatchObject({
        code: 'approval_required',
        details: { proposalId },
      });
    const applied = await applyProposal(scenario.org.as('editor'), { proposalId });
    expect(applied).toMatchObject({ proposalId, workflowId });
    expect(await applyProposal(agent(), { proposalId })).toEqual(applied);
  });

  it('lets a key apply what a person proposed', async () => {
    const proposalId = await propose(scenario.org.as('viewer'));
    expect(await applyProposal(agent(), { proposalId })).toMatchObject({ proposalId });
  });

  it('lets keys do it again when the owner says so, in the audit log', async () => {
    await expect(editOrganization(scenario.org.as('admin'), { requirePersonToApply: false })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    await editOrganization(scenario.org.as('owner'), { requirePersonToApply: false });
    const proposalId = await propose(agent());
    expect(await applyProposal(agent(), { proposalId })).toMatchObject({ proposalId });
    const rows = await scenario.deps.db.auditEvent.findMany({
      where: { orgId: scenario.org.orgId, action: 'organization.edit' },
      orderBy: { at: 'asc' },
    });
    expect(rows.map(({ data }) => data)).toEqual([{ requirePersonToApply: true }, { requirePersonToApply: false }]);
  });
});
