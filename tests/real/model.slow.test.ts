import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isTerminal } from '../../domain/run/run.ts';
import { testModel } from '../../services/model/test.ts';
import { getRunArtifacts } from '../../services/run/reading/artifacts.ts';
import { getRun } from '../../services/run/reading/get.ts';
import { until } from '../faults/process.ts';
import { type Scenario, startScenario } from '../support/scenario.ts';
import { canRunPython, pythonEnvironment } from './environment.ts';
import { type Program, startProgram } from './process.ts';

const script = fileURLToPath(new URL('python/model_server.py', import.meta.url));

describe.skipIf(!(await canRunPython()))('a small model behind llama.cpp', () => {
  let folder: string;
  let server: Program;
  let scenario: Scenario;

  beforeAll(async () => {
    const python = await pythonEnvironment('model');
    server = await startProgram((port) => ({ command: python, args: [script, String(port)] }), {
      healthPath: '/health',
    });
    folder = await mkdtemp(join(tmpdir(), 'armature-models-'));
    const file = join(folder, 'models.yaml');
    const options = '{ temperature: 0, frequency_penalty: 1.5, max_tokens: 200 }';
    await writeFile(
      file,
      `providers: [{ name: local, baseUrl: "http://127.0.0.1:${server.port}/v1", apiKey: none, parameters: ${options}, models: [{ id: smollm2 }] }]`,
    );
    scenario = await startScenario({ env: { ARMATURE_MODELS: file } });
  }, 300_000);
  afterAll(async () => {
    await scenario?.close();
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  it('is found to answer, with structured output by its schema', async () => {
    const { test } = await testModel(scenario.ctx, { model: 'local/smollm2' });
    expect(test).toMatchObject({ answers: { ok: true }, reportsUsage: true });
    expect(test.structuredOutput).toEqual({ format: 'json_schema', failed: [] });
    // Whether it calls a tool is up to it; that this is found out is not.
    expect(test.callsTools).not.toBeNull();
  });

  it('judges a run', async () => {
    const texts = ['The agent found a mug.', 'The agent ordered nothing.', 'The answer names a price.'];
    const workflowId = await scenario.workflow({
      judgeModel: 'local/smollm2',
      prompt: 'call search_products {"query": "mug"}',
      criteria: texts.map((text) => ({ text, isRequired: true })),
    });
    const runId = await scenario.dispatch(workflowId);
    const { run, results } = await until(
      'the run ends',
      async () => {
        const answer = await getRun(scenario.ctx, { runId });
        return isTerminal(answer.run.status) ? answer : undefined;
      },
      { seconds: 400, context: server.output },
    );
    // What such a small model says doesn't matter, and it may ramble beyond its limit. It was asked, and answered.
    expect(run.error?.kind ?? 'judge').toBe('judge');
    expect(results.map(({ text, gradedBy }) => ({ text, gradedBy }))).toEqual(
      texts.map((text) => ({ text, gradedBy: 'judge' })),
    );
    const { judge } = await getRunArtifacts(scenario.ctx, { runId });
    expect(judge.map(({ model, request }) => ({ model, request }))).toEqual(
      texts.map((text) => ({ model: 'local/smollm2', request: expect.stringContaining(text) })),
    );
    expect(judge.map(({ response }) => response).join('')).toMatch(/\{\s*"rationale"/);
  });
});
