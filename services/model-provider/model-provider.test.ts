import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createModels } from '../../infra/models/index.ts';
import { type FakeProvider, startProvider } from '../../tests/support/models/provider.ts';
import { type Scenario, startScenario } from '../../tests/support/scenario.ts';
import { testOrg } from '../../tests/support/setup/context.ts';
import { listModels } from '../model/list.ts';
import { testModel } from '../model/test.ts';
import { createModelProvider } from './create.ts';
import { deleteModelProvider } from './delete.ts';
import { editModelProvider } from './edit.ts';
import { getModelProvider } from './get.ts';
import { listModelProviders } from './list.ts';

let scenario: Scenario;
let provider: FakeProvider;
let providerId: string;
const key = 'sk-secret-of-acme-0001';
const header = 'tenant-secret-0001';

beforeAll(async () => {
  provider = await startProvider(({ tools, messages }) => {
    const said = messages.at(-1)?.content ?? '';
    if (tools?.some(({ function: { name } }) => name === 'add'))
      return { answer: '', toolCalls: [{ name: 'add', arguments: '{"a":2,"b":3}' }] };
    if (/sum|add 2/i.test(said)) return { answer: '{"sum":5}' };
    return { answer: `Done with ${key}.`, usage: { input: 1000, output: 500 } };
  });
  const file = { name: 'shared', baseUrl: 'http://127.0.0.1:9/v1', apiKey: 'sk-file', models: [{ id: 'm' }] };
  scenario = await startScenario({ models: createModels({ providers: [file] }), env: {} });
});
afterAll(async () => {
  await scenario?.close();
  await provider?.close();
});

const models = async (ctx = scenario.ctx) =>
  (await listModels(ctx, {})).models.map(({ id, source, keySet }) => ({ id, source, keySet }));

describe('a model provider of a workspace', () => {
  it('is added by an admin, and used there alone', async () => {
    const input = {
      name: 'acme',
      baseUrl: `${provider.baseUrl}/`,
      apiKey: key,
      headers: { 'X-Tenant': header },
      parameters: { temperature: 0 },
      models: [{ id: 'small', inputPrice: 1, outputPrice: 2, parameters: { seed: 7 } }, { id: 'large' }],
    };
    await expect(createModelProvider(scenario.org.as('editor'), input)).rejects.toMatchObject({
      code: 'permission_denied',
    });
    const created = await createModelProvider(scenario.org.as('admin'), input);
    providerId = created.provider.id;
    expect(created.provider).toMatchObject({
      name: 'acme',
      baseUrl: provider.baseUrl,
      hasKey: true,
      headerNames: ['x-tenant'],
      models: [{ id: 'small', inputPrice: 1 }, { id: 'large' }],
    });
    expect(await models(scenario.org.as('viewer'))).toEqual([
      { id: 'builtin/scripted', source: 'builtin', keySet: true },
      { id: 'builtin/assertions', source: 'builtin', keySet: true },
      { id: 'shared/m', source: 'installation', keySet: true },
      { id: 'acme/small', source: 'workspace', keySet: true },
      { id: 'acme/large', source: 'workspace', keySet: true },
    ]);
    const other = await testOrg(scenario.deps);
    expect((await models(other.ctx)).some(({ source }) => source === 'workspace')).toBe(false);
    expect(await listModelProviders(other.ctx, {})).toEqual({ providers: [] });
  });

  it('never shows key and values again, in answers, rows or the audit log', async () => {
    const { db } = scenario.deps;
    const { orgId } = scenario.org;
    const seen = JSON.stringify([
      await listModelProviders(scenario.ctx, {}),
      await getModelProvider(scenario.ctx, { providerId }),
      await db.modelProvider.findMany({ where: { orgId } }),
      await db.auditEvent.findMany({ where: { orgId } }),
    ]);
    expect(seen).toContain('acme');
    expect(seen).not.toContain(key);
    expect(seen).not.toContain(header);
  });

  it('says what its endpoint can do', async () => {
    const { test } = await testModel(scenario.ctx, { model: 'acme/small' });
    expect(test).toMatchObject({
      answers: { ok: true },
      callsTools: { ok: true },
      structuredOutput: { format: 'json_schema' },
      latencyMs: expect.any(Number),
    });
  });

  it('carries out runs, with its price, and its key masked', async () => {
    const workflowId = await scenario.workflow({
      testerModels: ['acme/small'],
      criteria: [{ text: 'never calls `create_order`', isRequired: true }],
    });
    const { run } = await scenario.finished(await scenario.dispatch(workflowId));
    expect(run).toMatchObject({ status: 'pass', cost: 0.002, inputTokens: 1000, outputTokens: 500 });
    expect(run.finalAnswer).not.toContain(key);
    expect(provider.received.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${key}`, 'x-tenant': header });
    expect(provider.requests.at(-1)).toMatchObject({ model: 'small', temperature: 0, seed: 7 });
  });

  it('takes a new key at the next request, and keeps what is not given', async () => {
    await editModelProvider(scenario.ctx, { providerId, apiKey: 'sk-rotated' });
    await testModel(scenario.ctx, { model: 'acme/large' });
    expect(provider.received.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer sk-rotated',
      'x-tenant': header,
    });
    await editModelProvider(scenario.ctx, { providerId, apiKey: null, headers: {} });
    expect(await models()).toContainEqual({ id: 'acme/small', source: 'workspace', keySet: false });
    await expect(testModel(scenario.ctx, { model: 'acme/small' })).rejects.toMatchObject({
      code: 'model_unavailable',
      message: expect.stringContaining('Set its key in Settings → Models'),
    });
    await editModelProvider(scenario.ctx, { providerId, apiKey: key });
  });

  it('wants the key again when its address moves to another origin', async () => {
    await expect(
      editModelProvider(scenario.ctx, { providerId, baseUrl: 'https://elsewhere.example.com/v1' }),
    ).rejects.toMatchObject({ code: 'validation_failed', details: { fieldErrors: [{ field: 'apiKey' }] } });
    await editModelProvider(scenario.ctx, { providerId, headers: { 'X-Tenant': header } });
    await expect(
      editModelProvider(scenario.ctx, { providerId, baseUrl: 'https://elsewhere.example.com/v1', apiKey: 'sk-3' }),
    ).rejects.toMatchObject({ code: 'validation_failed', details: { fieldErrors: [{ field: 'headers.x-tenant' }] } });
  });

  it.each([
    ['http://169.254.169.254/latest', 'target_blocked'],
    ['http://models.example.com/v1', 'target_blocked'],
    ['https://10.0.0.1/v1', 'target_blocked'],
    ['https://user:pass@models.example.com/v1', 'validation_failed'],
    ['https://models.example.com/v1?key=1', 'validation_failed'],
    ['ftp://models.example.com', 'validation_failed'],
  ])('is refused at %s', async (baseUrl, code) => {
    await expect(
      createModelProvider(scenario.ctx, { name: 'bad', baseUrl, models: [{ id: 'm' }] }),
    ).rejects.toMatchObject({ code });
  });

  it('is called only where its name leads when it is called', async () => {
    // The name is allowed when it is saved, and leads to an internal address.
    await createModelProvider(scenario.ctx, {
      name: 'inside',
      baseUrl: 'https://localtest.invalid/v1',
      apiKey: 'sk-4',
      models: [{ id: 'm' }],
    });
    const { test } = await testModel(scenario.ctx, { model: 'inside/m' });
    expect(test.answers).toMatchObject({ ok: false, message: expect.stringContaining("inside can't be reached") });
  });

  it('refuses names that are taken, and what Armature sets itself', async () => {
    const input = { baseUrl: 'https://models.example.com/v1', models: [{ id: 'm' }] };
    for (const name of ['acme', 'shared'])
      await expect(createModelProvider(scenario.ctx, { ...input, name })).rejects.toMatchObject({ code: 'conflict' });
    await expect(createModelProvider(scenario.ctx, { ...input, name: 'builtin' })).rejects.toMatchObject({
      code: 'validation_failed',
    });
    await expect(
      createModelProvider(scenario.ctx, {
        ...input,
        name: 'other',
        headers: { host: 'x' },
        models: [{ id: 'm', parameters: { stream: true } }],
      }),
    ).rejects.toMatchObject({ code: 'validation_failed' });
  });

  it('is deleted with its key; runs of workflows that use it end in an error', async () => {
    const { usedBy } = await getModelProvider(scenario.ctx, { providerId });
    const [used] = usedBy;
    expect(usedBy).toMatchObject([{ name: 'Order a mug' }]);
    const before = await scenario.deps.db.modelProvider.findFirstOrThrow({ where: { id: providerId } });
    const deleted = await deleteModelProvider(scenario.ctx, { providerId });
    expect(deleted).toMatchObject({
      usedBy,
      warnings: [{ message: '1 workflow uses its models: their runs end in an error. Choose other models for them.' }],
    });
    expect(await scenario.deps.secrets.get(scenario.org.orgId, before.secretRef ?? '')).toBeNull();
    const { run } = await scenario.finished(await scenario.dispatch(used?.workflowId ?? ''));
    expect(run).toMatchObject({
      status: 'error',
      error: { kind: 'misconfigured', message: expect.stringContaining('There is no model "acme/small"') },
    });
  });
});
