import type { Client } from '@modelcontextprotocol/client';
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, type Endpoint, keyOf, startEndpoint } from '../../tests/contract/mcp/endpoint.ts';
import { type Scenario, startScenario } from '../../tests/support/scenario.ts';
import { drive } from './drive.ts';
import { faults } from './faults/index.ts';
import { judge } from './judge.ts';
import { openInWorkspace } from './workspace.ts';

let scenario: Scenario;
let endpoint: Endpoint;
let client: Client;

beforeAll(async () => {
  scenario = await startScenario({ env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '1000000' } });
  endpoint = await startEndpoint(scenario.deps);
  client = await connect(endpoint.url, await keyOf(scenario.org, 'editor'));
});
afterAll(async () => {
  await client?.close();
  await endpoint?.close();
  await scenario?.close();
});

/** One of each kind; `npm run bench -- repair` tries all. */
const tried = [
  'a tool is removed',
  'a tool and its argument get other names',
  'an argument gets another name, which a criterion names without backticks',
  'a nested field of a result gets a similar name',
  'a value changes',
  'a list is empty that later steps need',
  'two criteria contradict each other',
  'the server refuses the credential',
  'one tool drops the connection',
  'the policy blocks a destructive tool that the prompt needs',
  'the allowed tools lack two that the prompt needs',
  'a tool gets another name, and its result another value',
  'an argument gets its earlier name back after a repair',
];

describe('an agent that has the MCP tools alone', () => {
  it.each(tried)('finds out, repairs and pins: %s', async (name) => {
    const fault = faults.find((each) => each.name === name) ?? expect.fail('There is no such fault.');
    const outcome = await drive(fault, openInWorkspace({ ctx: scenario.ctx, client, probing: pLimit(1) }));
    expect(judge(fault, outcome).misses).toEqual([]);
  });
});
