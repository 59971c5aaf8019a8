import type { Client } from '@modelcontextprotocol/client';
import type { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { expect } from 'vitest';
import { z } from 'zod';
import { toolList } from '../../../../api/mcp/tool-list.ts';

/** What a client got at the endpoint, as `meeting.py` prints it too. */
const report = z.object({
  tools: z.array(z.string()),
  answer: z.object({ workflows: z.array(z.object({ id: z.string() })) }),
  wrongArgument: z.string(),
  unknownRun: z.string(),
  resource: z.string(),
  prompt: z.string(),
  run: z.object({ runs: z.array(z.object({ reused: z.boolean(), status: z.string() })) }),
  progress: z.array(z.number()),
});
export type Report = z.infer<typeof report>;

export type Ids = { workflowId: string; runId: string };

/** What a client can do, the same for each. `progress` is called with the value of each notification. */
export type Adapter = {
  tools(): Promise<string[]>;
  call(name: string, args: object, progress: (value: number) => void): Promise<unknown>;
  resource(uri: string): Promise<unknown>;
  prompt(name: string, args: { [name: string]: string }): Promise<unknown>;
};

const said = z.object({ isError: z.literal(true), content: z.tuple([z.object({ text: z.string() })], z.unknown()) });
const structured = z.object({ isError: z.literal(false).optional(), structuredContent: z.unknown() });
const read = z.object({ contents: z.tuple([z.object({ text: z.string() })]) });
const asked = z.object({ messages: z.tuple([z.object({ content: z.object({ text: z.string() }) })], z.unknown()) });

/** Does with a client of this process what `meeting.py` does with one of Python. */
export async function meet(client: Adapter, name: string, { workflowId, runId }: Ids): Promise<Report> {
  const progress: number[] = [];
  const call = (tool: string, args: object) => client.call(tool, args, (value) => progress.push(value));
  const answer = async (tool: string, args: object) => structured.parse(await call(tool, args)).structuredContent;
  const fail = async (tool: string, args: object) => said.parse(await call(tool, args)).content[0].text;
  const resource = read.parse(await client.resource(`armature://runs/${runId}/trace`));
  const prompt = asked.parse(await client.prompt('repair_failing_workflow', { runId }));
  return report.parse({
    tools: await client.tools(),
    answer: await answer('list_workflows', {}),
    wrongArgument: await fail('list_workflows', { limit: 0 }),
    unknownRun: await fail('inspect_run', { runId: 'unknown' }),
    resource: resource.contents[0].text,
    prompt: prompt.messages[0].content.text,
    run: await answer('run_workflow_now', { workflowId, reason: `Met with ${name}`, wait: true }),
    progress,
  });
}

/** The official SDK. */
export const newAdapter = (client: Client): Adapter => ({
  tools: async () => (await client.listTools()).tools.map(({ name }) => name),
  call: (name, args, progress) =>
    client.callTool({ name, arguments: { ...args } }, { onprogress: (sent) => progress(sent.progress) }),
  resource: (uri) => client.readResource({ uri }),
  prompt: (name, args) => client.getPrompt({ name, arguments: args }),
});

/** The official SDK before its second version. */
export const oldAdapter = (client: OldClient): Adapter => ({
  tools: async () => (await client.listTools()).tools.map(({ name }) => name),
  call: (name, args, progress) =>
    client.callTool({ name, arguments: { ...args } }, undefined, { onprogress: (sent) => progress(sent.progress) }),
  resource: (uri) => client.readResource({ uri }),
  prompt: (name, args) => client.getPrompt({ name, arguments: args }),
});

export const toolNames = toolList.map(({ name }) => name);
export const wrongArgument = 'validation_failed: limit: At least 1. Correct the named fields and try again.';
export const unknownRun =
  'run_not_found: runId: There is no such run in this workspace. Call search_runs for the ids of runs.';

export function expectMet(given: unknown, { workflowId, runId }: Ids): Report {
  const met = report.parse(given);
  expect(met).toMatchObject({
    tools: toolNames,
    answer: { workflows: [{ id: workflowId }] },
    wrongArgument,
    unknownRun,
    run: { runs: [{ reused: false, status: 'pass' }] },
  });
  expectRead(met, runId);
  return met;
}

export function expectRead({ resource, prompt }: { resource: string; prompt: string }, runId: string): void {
  expect(JSON.parse(resource)).toMatchObject({ runId, status: 'fail' });
  expect(prompt).toContain(`call diagnose_run with runId ${runId}`);
}

/** There is some, and each is more than the one before. */
export function expectProgress(progress: number[]): void {
  expect(progress.length).toBeGreaterThan(0);
  expect(progress).toEqual([...new Set(progress)].sort((a, b) => a - b));
}
