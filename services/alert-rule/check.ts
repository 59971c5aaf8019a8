import type { ErrorCode } from '../../domain/error/codes.ts';
import type { Destination } from '../../domain/notification/rule.ts';
import type { Tx } from '../../infra/db/index.ts';
import { isRuleNameTaken } from '../../infra/db/queries/alert-rule.ts';
import { fieldError } from '../context/errors.ts';
import type { RuleTarget } from './schema.ts';

/**
 * Requires that a rule's target exists in this organization.
 * @throws ArmatureError `workflow_not_found`, `workflow_archived`, `monitor_not_found`, `monitor_archived`,
 * `mcp_server_not_found`, `mcp_server_archived`
 */
export async function checkTarget(tx: Tx, { orgId, target }: { orgId: string; target: RuleTarget }): Promise<void> {
  if (!('id' in target) || target.id === null) return;
  const where = { orgId, id: target.id };
  const select = { archivedAt: true } as const;
  switch (target.kind) {
    case 'workflow': {
      const found = await tx.workflow.findFirst({ where, select: { state: true } });
      if (!found) throw refuse('workflow_not_found', 'target.id', 'Workflow not found in this workspace.');
      if (found.state === 'archived') throw refuse('workflow_archived', 'target.id', 'This workflow is archived.');
      return;
    }
    case 'monitor': {
      const found = await tx.monitor.findFirst({ where, select });
      if (!found) throw refuse('monitor_not_found', 'target.id', 'Monitor not found in this workspace.');
      if (found.archivedAt) throw refuse('monitor_archived', 'target.id', 'This monitor is deleted.');
      return;
    }
    case 'server':
    case 'tool_changes': {
      const found = await tx.server.findFirst({ where, select });
      if (!found) throw refuse('mcp_server_not_found', 'target.id', 'MCP server not found in this workspace.');
      if (found.archivedAt) throw refuse('mcp_server_archived', 'target.id', 'This MCP server is deleted.');
    }
  }
}

/**
 * Requires that a rule's destination is connected to this organization.
 * @throws ArmatureError `destination_not_found`, `conflict` (the Slack workspace is disconnected)
 */
export async function checkDestination(
  tx: Tx,
  { orgId, destination }: { orgId: string; destination: Destination },
): Promise<void> {
  if (destination.kind === 'slack') {
    const found = await tx.slackInstallation.findFirst({
      where: { orgId, id: destination.installationId },
      select: { state: true },
    });
    const field = 'destination.installationId';
    if (!found) throw refuse('destination_not_found', field, 'This Slack workspace is not connected.');
    if (found.state !== 'connected')
      throw refuse('conflict', field, 'This Slack workspace is disconnected. An admin can connect it again.');
  }
  if (destination.kind === 'webhook') {
    const found = await tx.webhook.findFirst({
      where: { orgId, id: destination.webhookId, archivedAt: null },
      select: { id: true },
    });
    if (!found) throw refuse('destination_not_found', 'destination.webhookId', 'Webhook not found in this workspace.');
  }
}

/**
 * Call it under `lockRuleNames`.
 * @param of.ruleId the rule that may have the name already.
 * @throws ArmatureError `conflict`
 */
export async function requireFreeName(
  tx: Tx,
  { orgId, name, ruleId }: { orgId: string; name: string; ruleId?: string },
): Promise<void> {
  if (await isRuleNameTaken(tx, { orgId, name, ruleId }))
    throw refuse('conflict', 'name', 'Another rule has this name.');
}

const refuse = (code: ErrorCode, field: string, message: string) =>
  fieldError(code, field, message, 'Choose another one and save again.');
