import type { Client } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { isTerminal, runStatuses } from '../../../domain/run/run.ts';
import { proposePatch } from '../../../services/proposal/propose.ts';
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
  /** A new proposal to change the workflow's description. */
  propose(): Promise<string>;
  close(): Promise<void>;
};

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
  try {
    await client.callTool({ name, arguments: args });
    return 'ok';
  } catch (error) {
    return errorOf(error).code;
  }
}

const apiError = z.object({
  code: z.string(),
  message: z.string(),
  remediation: z.string(),
  requestId: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** The `data` of a JSON-RPC error. Its message has to begin with the code and end with the remediation. */
export function errorOf(error: unknown): z.infer<typeof apiError> {
  const { message, data } = z
    .object({ message: z.string(), data: apiError })
    .parse(error instanceof Error ? Object.assign({ message: error.message }, error) : error);
  if (!message.includes(`${data.code}: `) || !message.endsWith(data.remediation))
    throw new Error(`this message does not begin with its code and end with what to do: ${message}`);
  return data;
}

export const isOver = (status: unknown): boolean => isTerminal(z.enum(runStatuses).parse(status));
