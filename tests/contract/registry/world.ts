import { randomUUID } from 'node:crypto';
import { type Role, roles } from '../../../domain/role/role.ts';
import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';
import { toJson } from '../../../services/context/use-case.ts';
import { issueToken } from '../../../services/destination/slack/token.ts';
import { type TestOrg, testOrg } from '../../support/setup/context.ts';
import { type AlertsOfWorld, makeAlerts } from './alerts.ts';
import { makeIncident } from './incidents.ts';
import { makeProductMcp, type ProductMcpOfWorld } from './product-mcps.ts';
import { makeSignIn, type SignInOfWorld } from './sign-ins.ts';

/** One organization with one of everything. */
export type World = AlertsOfWorld &
  SignInOfWorld &
  ProductMcpOfWorld & {
    /** Of a link for a Slack user of the connected Slack workspace, not used yet. */
    slackLinkToken: string;
    org: TestOrg;
    shopUrl: string;
    serverId: string;
    profileId: string;
    secondProfileId: string;
    tool: string;
    workflowId: string;
    versionId: string;
    definition: { name: string } & Record<string, unknown>;
    runId: string;
    /** One that has passed. */
    endedRunId: string;
    /** One that has failed. */
    failedRunId: string;
    /** An open proposal of the viewer's. */
    proposalId: string;
    /** An open proposal of each member. */
    proposalIds: Record<Role, string>;
    /** An API key of each member. */
    keyIds: Record<Role, string>;
    /** A pending invitation by the owner, for anyone who has its token. */
    invitationId: string;
    /** A session of each member. */
    sessionIds: Record<Role, string>;
    /** One of `tool`, with health and checks. */
    monitorId: string;
    /** An open one, of the workflow. */
    incidentId: string;
    /** A maintenance window that goes on. */
    windowId: string;
    /** A finding in the report on the server. */
    findingId: string;
    /** A model provider of the workspace. */
    providerId: string;
  };

/** Written directly, so that what is under test isn't what sets the stage. */
export async function makeWorld(deps: Deps, { shopUrl }: { shopUrl: string }): Promise<World> {
  const { db } = deps;
  const org = await testOrg(deps);
  const { orgId } = org;
  const oauthProfileId = newId();
  const [serverId, profileId, secondProfileId, workflowId, versionId, runId, endedRunId, failedRunId] = [
    newId(),
    newId(),
    newId(),
    newId(),
    newId(),
    newId(),
    newId(),
    newId(),
  ] as const;
  const tool = 'search_products';
  const definition = {
    name: 'Search',
    serverId,
    authProfileId: profileId,
    testerModels: ['builtin/scripted'],
    judgeModel: 'builtin/assertions',
    prompt: 'call search_products {"query": "mug"}',
    criteria: [{ id: randomUUID(), text: 'calls `search_products` once', isRequired: true }],
    schedule: '0 9 * * *',
    timezone: 'UTC',
  };
  const now = new Date();
  await db.server.create({
    data: { id: serverId, orgId, name: 'Shop', transport: 'streamable_http', url: shopUrl },
  });
  await db.statusPage.create({ data: { orgId, enabled: true, title: 'Status', serverIds: [serverId] } });
  await db.authProfile.createMany({
    data: [
      { id: profileId, orgId, serverId, name: 'Default', kind: 'none', isDefault: true },
      { id: secondProfileId, orgId, serverId, name: 'Second', kind: 'none' },
      { id: oauthProfileId, orgId, serverId, name: 'OAuth', kind: 'oauth_authorization_code' },
    ],
  });
  const signInState = await makeSignIn(deps, { orgId, authProfileId: oauthProfileId, userId: org.userId });
  await db.catalogTool.create({
    data: { orgId, serverId, name: tool, inputSchema: { type: 'object' }, firstSeenAt: now, lastSeenAt: now },
  });
  const findingId = newId();
  await db.serverReport.create({ data: { orgId, serverId, firstAt: now, at: now, rules: [], clients: [] } });
  await db.reportFinding.create({
    data: {
      id: findingId,
      orgId,
      serverId,
      rule: 'description-missing',
      place: tool,
      subject: tool,
      version: 1,
      area: 'quality',
      severity: 'should',
      message: 'The tool has no description.',
      firstSeenAt: now,
      lastSeenAt: now,
    },
  });
  await db.workflow.create({
    data: { id: workflowId, orgId, serverId, name: definition.name, activeVersionId: versionId },
  });
  await db.workflowVersion.create({
    data: { id: versionId, orgId, workflowId, number: 1, definition: toJson(definition), createdBy: org.userId },
  });
  const run = {
    orgId,
    workflowId,
    versionId,
    serverId,
    model: 'builtin/scripted',
    trigger: 'manual',
    actorKind: 'member',
    actorId: org.userId,
  };
  await db.run.createMany({
    data: [
      { ...run, id: runId },
      { ...run, id: endedRunId, status: 'pass', startedAt: now, finishedAt: now },
      { ...run, id: failedRunId, status: 'fail', turnCount: 1, startedAt: now, finishedAt: now },
    ],
  });
  const keyIds: Record<Role, string> = { viewer: newId(), editor: newId(), admin: newId(), owner: newId() };
  await db.apiKey.createMany({
    data: roles.map((role) => ({
      id: keyIds[role],
      orgId,
      name: role,
      role,
      hash: 'scrypt$none$none',
      createdById: org.as(role).actor.id,
    })),
  });
  const sessionIds: Record<Role, string> = { viewer: newId(), editor: newId(), admin: newId(), owner: newId() };
  await db.session.createMany({
    data: roles.map((role) => ({
      id: sessionIds[role],
      userId: org.as(role).actor.id,
      token: randomUUID(),
      expiresAt: new Date(now.getTime() + 3_600_000),
      ipAddress: '192.0.2.1',
    })),
  });
  const invitationId = newId();
  await db.invitation.create({
    data: {
      id: invitationId,
      orgId,
      role: 'viewer',
      tokenHash: randomUUID(),
      createdById: org.as('owner').actor.id,
      expiresAt: new Date(now.getTime() + 3_600_000),
    },
  });
  await db.securityEvent.create({
    data: {
      id: newId(),
      orgId,
      at: now,
      kind: 'sign_in',
      outcome: 'failed',
      subject: `user:${org.userId}`,
      address: '192.0.2.1',
      requestId: newId(),
    },
  });
  const proposalIds: Record<Role, string> = { viewer: newId(), editor: newId(), admin: newId(), owner: newId() };
  await db.proposal.createMany({
    data: roles.map((role) => ({
      id: proposalIds[role],
      orgId,
      kind: 'change',
      serverId,
      workflowId,
      baseVersionId: versionId,
      changes: { name: 'Proposed' },
      definition: toJson({ ...definition, name: 'Proposed' }),
      warnings: [],
      rationale: 'A better name.',
      evidence: [],
      proposedByKind: 'member',
      proposedById: org.as(role).actor.id,
      expiresAt: new Date(now.getTime() + 3_600_000),
    })),
  });
  const monitorId = newId();
  const windowId = newId();
  const providerId = newId();
  await db.modelProvider.create({
    data: {
      id: providerId,
      orgId,
      name: 'own',
      baseUrl: 'https://models.example.com/v1',
      hasKey: false,
      models: [{ id: 'small', headerNames: [], queryNames: [] }],
      createdBy: org.userId,
    },
  });
  await makeMonitor(deps, { orgId, serverId, profileId, tool, monitorId, windowId });
  const { incidentId } = await makeIncident(deps, { orgId, serverId, workflowId, runId: failedRunId });
  const productMcp = await makeProductMcp(deps, { orgId, shopUrl });
  const alerts = await makeAlerts(deps, { orgId, monitorId, userId: org.userId });
  const slackLinkToken = await issueToken(deps, {
    purpose: 'link',
    orgId,
    teamId: `T${alerts.installationId}`,
    slackUserId: 'U0001',
  });
  return {
    org,
    ...alerts,
    ...productMcp,
    slackLinkToken,
    monitorId,
    incidentId,
    windowId,
    providerId,
    proposalId: proposalIds.viewer,
    proposalIds,
    findingId,
    shopUrl,
    serverId,
    profileId,
    secondProfileId,
    oauthProfileId,
    signInState,
    tool,
    workflowId,
    versionId,
    definition,
    runId,
    endedRunId,
    failedRunId,
    keyIds,
    invitationId,
    sessionIds,
  };
}

async function makeMonitor(
  { db }: Deps,
  of: { orgId: string; serverId: string; profileId: string; tool: string; monitorId: string; windowId: string },
): Promise<void> {
  const { orgId, serverId, monitorId } = of;
  const now = new Date();
  await db.monitor.create({
    data: {
      id: monitorId,
      orgId,
      serverId,
      authProfileId: of.profileId,
      name: 'Search',
      tool: of.tool,
      arguments: {},
      // SHA-256 of {}.
      argumentsKey: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      intervalSeconds: 60,
    },
  });
  await db.monitorSchedule.create({ data: { orgId, serverId, intervalSeconds: 60, offsetSeconds: 0 } });
  await db.monitorHealth.create({
    data: { orgId, monitorId, outcome: 'pass', latencyMs: 12, checkedAt: now, since: now },
  });
  await db.check.createMany({
    data: ['', 'once'].map((key) => ({
      orgId,
      monitorId,
      scheduledAt: now,
      key,
      startedAt: now,
      latencyMs: 12,
      outcome: 'pass',
    })),
  });
  const hour = new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000);
  await db.checkHour.create({ data: { orgId, monitorId, hour, pass: 2, latency: [0, 2] } });
  await db.maintenanceWindow.create({
    data: {
      id: of.windowId,
      orgId,
      serverId,
      startsAt: new Date(now.getTime() - 60_000),
      endsAt: new Date(now.getTime() + 3_600_000),
      createdBy: 'system:test',
    },
  });
}

/** Everything that the database holds of an organization, to see whether somebody changed it. */
export async function contentOf({ db }: Deps, { orgId }: TestOrg): Promise<string> {
  const where = { orgId };
  const content = await Promise.all([
    db.server.findMany({ where, orderBy: { id: 'asc' } }),
    db.authProfile.findMany({ where, orderBy: { id: 'asc' } }),
    db.oAuthProfile.findMany({ where, orderBy: { authProfileId: 'asc' } }),
    db.oAuthSignIn.findMany({ where, orderBy: { id: 'asc' } }),
    db.catalogTool.findMany({ where, orderBy: { name: 'asc' } }),
    db.toolChange.findMany({ where, orderBy: { id: 'asc' } }),
    db.serverProbe.findMany({ where, orderBy: { id: 'asc' } }),
    db.workflow.findMany({ where, orderBy: { id: 'asc' } }),
    db.workflowVersion.findMany({ where, orderBy: { id: 'asc' } }),
    db.run.findMany({ where, orderBy: { id: 'asc' } }),
    db.traceEvent.findMany({ where, orderBy: [{ runId: 'asc' }, { seq: 'asc' }] }),
    db.skippedRun.findMany({ where, orderBy: { scheduledAt: 'asc' } }),
    db.apiKey.findMany({ where, orderBy: { id: 'asc' } }),
    db.member.findMany({ where, orderBy: { userId: 'asc' } }),
    db.invitation.findMany({ where, orderBy: { id: 'asc' } }),
    db.proposal.findMany({ where, orderBy: { id: 'asc' } }),
    db.serverCoverage.findMany({ where }),
    db.serverReport.findMany({ where, orderBy: { serverId: 'asc' } }),
    db.reportFinding.findMany({ where, orderBy: { id: 'asc' } }),
    db.reportScore.findMany({ where, orderBy: [{ serverId: 'asc' }, { at: 'asc' }] }),
    db.statusPage.findMany({ where }),
    db.monitor.findMany({ where, orderBy: { id: 'asc' } }),
    db.monitorHealth.findMany({ where, orderBy: { monitorId: 'asc' } }),
    db.monitorSchedule.findMany({ where, orderBy: { intervalSeconds: 'asc' } }),
    db.check.findMany({ where, orderBy: [{ scheduledAt: 'asc' }, { key: 'asc' }] }),
    db.maintenanceWindow.findMany({ where, orderBy: { id: 'asc' } }),
    db.alertRule.findMany({ where, orderBy: { id: 'asc' } }),
    db.delivery.findMany({ where, orderBy: { id: 'asc' } }),
    db.incident.findMany({ where, orderBy: { id: 'asc' } }),
    db.incidentUpdate.findMany({ where, orderBy: { id: 'asc' } }),
    db.alertSubject.findMany({ where, orderBy: [{ kind: 'asc' }, { key: 'asc' }] }),
    db.webhook.findMany({ where, orderBy: { id: 'asc' } }),
    db.slackInstallation.findMany({ where, orderBy: { id: 'asc' } }),
    db.slackUserLink.findMany({ where, orderBy: { slackUserId: 'asc' } }),
    db.slackToken.findMany({ where, orderBy: { hash: 'asc' } }),
    db.productMcp.findMany({ where, orderBy: { id: 'asc' } }),
    db.productMcpDocument.findMany({ where, orderBy: { id: 'asc' }, omit: { content: true } }),
    db.productMcpTool.findMany({ where, orderBy: { operation: 'asc' } }),
    db.auditEvent.findMany({ where, orderBy: { id: 'asc' } }),
  ]);
  return JSON.stringify(content);
}
