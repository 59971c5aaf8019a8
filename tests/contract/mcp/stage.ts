import type { Client } from '@modelcontextprotocol/client';
import { expect } from 'vitest';
import { z } from 'zod';
import { isTerminal, runStatuses } from '../../../domain/run/run.ts';
import { proposePatch } from '../../../services/proposal/propose.ts';
import { makeMonitors } from '../../support/monitors.ts';
import { type Scenario, startScenario } from '../../support/scenario.ts';
import { type TestOrg, testOrg } from '../../support/setup/context.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';

/** A workspace with a server, a workflow and real runs, behind the endpoint. */
export type Stage = {
  scenario: Scenario;
  endpoint: Endpoint;
  /** Moves the clock of the use cases on, past cooldowns and expiries. */
  pass(ms: number): void;
  /** Another organization, and an id there for each of ours. */
  other: TestOrg;
  serverId: string;
  workflowId: string;
  versionId: string;
  passedRunId: string;
  failedRunId: string;
  monitorId: string;
  /** A new proposal to change the workflow's description. */
  propose(): Promise<string>;
  close(): Promise<void>;
};

async function makeMonitor({ deps, org, serverId }: Scenario): Promise<string> {
  const profile = await deps.db.authProfile.findFirstOrThrow({ where: { orgId: org.orgId, serverId } });
  const of = { orgId: org.orgId, serverId, authProfileId: profile.id };
  const [monitorId] = await makeMonitors(deps, of, [{ tool: 'search_products', arguments: { query: 'mug' } }]);
  if (monitorId === undefined) throw new Error('There is no monitor.');
  return monitorId;
}

export async function startStage(env: Record<string, string> = {}): Promise<Stage> {
  let ahead = 0;
  const scenario = await startScenario({
    env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '1000000', ...env },
    now: () => new Date(Date.now() + ahead),
  });
  const endpoint = await startEndpoint(scenario.deps);
  const workflowId = await scenario.workflow();
  const passedRunId = await scenario.dispatch(workflowId);
  await scenario.finished(passedRunId);
  scenario.shop.control.set({ fail: { get_order: 'The order book is closed.' } });
  const failedRunId = await scenario.dispatch(workflowId);
  await scenario.finished(failedRunId);
  scenario.shop.control.reset();
  const { activeVersionId } = await scenario.deps.db.workflow.findUniqueOrThrow({ where: { id: workflowId } });
  const monitorId = await makeMonitor(scenario);
  let proposed = 0;
  return {
    scenario,
    endpoint,
    pass(ms) {
      ahead += ms;
    },
    other: await testOrg(scenario.deps),
    serverId: scenario.serverId,
    workflowId,
    versionId: activeVersionId,
    passedRunId,
    failedRunId,
    monitorId,
    async propose() {
      proposed += 1;
      const workflow = await scenario.deps.db.workflow.findUniqueOrThrow({ where: { id: workflowId } });
      const { proposalId } = await proposePatch(scenario.ctx, {
        workflowId,
        baseVersionId: workflow.activeVersionId,
        rationale: 'Say what it is for.',
        changes: { description: `Orders a mug, take ${proposed}.` },
      });
      return proposalId;
    },
    async close() {
      await endpoint.close();
      await scenario.close();
    },
  };
}

/** What a tool answered, as data. */
export async function answerOf(client: Client, name: string, args: Record<string, unknown>) {
  const { structuredContent } = await client.callTool({ name, arguments: args });
  return z.record(z.string(), z.unknown()).parse(structuredContent);
}

/** Code of the error that a call ends in; `ok` when it doesn't. */
export async function outcomeOf(client: Client, name: string, args: Record<string, unknown>): Promise<string> {
  const result = await client.callTool({ name, arguments: args });
  return result.isError ? errorOf(result).code : 'ok';
}

const apiError = z.strictObject({
  code: z.string(),
  message: z.string(),
  remediation: z.string(),
  requestId: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});
export type ToldError = z.infer<typeof apiError>;

const text = z.object({ type: z.literal('text'), text: z.string() });
const failed = z.strictObject({
  isError: z.literal(true),
  content: z.tuple([text, text]),
  _meta: z.object({ 'armature/error': apiError }),
  resultType: z.literal('complete').optional(),
});

/** The error of a failed tool call, which its text, its second text and `_meta` all hold. */
export function errorOf(result: unknown): ToldError {
  const {
    content: [said, json],
    _meta: { 'armature/error': error },
  } = failed.parse(result);
  expectText(said.text, error);
  expect(JSON.parse(json.text)).toEqual(error);
  return error;
}

/** The `data` of a JSON-RPC error. */
export function rpcErrorOf(error: unknown): ToldError {
  const { message, data } = z
    .object({ message: z.string(), data: apiError })
    .parse(error instanceof Error ? Object.assign({ message: error.message }, error) : error);
  expectText(message, data);
  return data;
}

function expectText(text: string, { code, message, remediation }: ToldError): void {
  expect(text).toMatch(new RegExp(`(^|: )${code}: `));
  expect(text).toContain(message);
  expect(text.endsWith(` ${remediation}`), text).toBe(true);
}

export const isOver = (status: unknown): boolean => isTerminal(z.enum(runStatuses).parse(status));
