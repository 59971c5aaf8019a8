import { afterEach, describe, expect, it } from 'vitest';
import { providerConfig } from '../../domain/model/provider.ts';
import { type ChatRequest, type Reply, startProvider } from '../../tests/support/models/provider.ts';
import { createModels } from './index.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const signal = new AbortController().signal;
const add: Reply = { answer: '', toolCalls: [{ name: 'add', arguments: '{"a":2,"b":3}' }] };
const kindOf = ({ tools, response_format, messages }: ChatRequest): string => {
  if (tools) return 'tools';
  if (response_format) return response_format.type;
  return messages[0]?.content?.includes('JSON') ? 'text' : 'plain';
};

async function test(replies: { [kind: string]: Reply }) {
  const able: { [kind: string]: Reply } = { plain: { answer: 'ready' }, tools: add };
  const asked: string[] = [];
  const fake = await startProvider((request) => {
    asked.push(kindOf(request));
    return { ...able, ...replies }[kindOf(request)] ?? { answer: '{"sum": 5}' };
  });
  opened.push(fake);
  const models = createModels({
    providers: [providerConfig.parse({ name: 'acme', baseUrl: fake.baseUrl, apiKey: 'sk-1', models: [{ id: 'm' }] })],
  });
  return { asked, found: await models.test('acme/m', signal) };
}

describe('the test of a model', () => {
  it('finds that it can do everything', async () => {
    const { asked, found } = await test({});
    expect(found).toEqual({
      answers: { ok: true },
      latencyMs: expect.any(Number),
      reportsUsage: true,
      callsTools: { ok: true },
      structuredOutput: { format: 'json_schema', failed: [] },
    });
    expect(asked.toSorted()).toEqual(['json_schema', 'plain', 'tools']);
  });

  it.each<[string, Reply, RegExp]>([
    ['answers with text instead', { answer: 'It is 5.' }, /called no tool\. It said: "It is 5\."/],
    ['invents one', { answer: '', toolCalls: [{ name: 'sum', arguments: '{}' }] }, /not offered: "sum"/],
    [
      'gives no arguments',
      { answer: '', toolCalls: [{ name: 'add', arguments: '2, 3' }] },
      /not a JSON object: "2, 3"/,
    ],
    [
      'refuses',
      { status: 400, body: { error: { message: 'no "tools" with this model' } } },
      /no "tools" with this model/,
    ],
  ])('says why it calls no tool when it %s', async (_, reply, says) => {
    const { found } = await test({ tools: reply });
    expect(found.callsTools).toEqual({ ok: false, message: expect.stringMatching(says) });
    expect(found.structuredOutput).toEqual({ format: 'json_schema', failed: [] });
  });

  it('names the format that works, and why better ones do not', async () => {
    const { found } = await test({
      json_schema: { status: 500, body: { error: { message: "response_format: 'text' or 'json_object'" } } },
      json_object: { answer: 'five' },
    });
    expect(found.structuredOutput).toEqual({
      format: 'text',
      failed: [
        {
          format: 'json_schema',
          message: expect.stringContaining("It said: response_format: 'text' or 'json_object'"),
        },
        { format: 'json_object', message: 'Its answer does not fit: "five"' },
      ],
    });
  });

  it('sees a schema that is not enforced, and an answer in no format', async () => {
    const { found } = await test({
      json_schema: { answer: '{"total": 5}' },
      json_object: { answer: '5' },
      text: { answer: 'five' },
    });
    expect(found.structuredOutput).toMatchObject({ format: null, failed: { length: 3 } });
  });

  it('sees that usage is not reported, and an empty answer', async () => {
    const { found } = await test({ plain: { answer: '', usage: { input: 0, output: 0 } } });
    expect(found).toMatchObject({
      answers: { ok: false, message: 'acme/m answered with an empty text.' },
      reportsUsage: false,
      callsTools: { ok: true },
    });
  });

  it('asks nothing more of a model that does not answer', async () => {
    const { asked, found } = await test({ plain: { status: 401, body: { error: { message: 'Expired' } } } });
    expect(found).toEqual({
      answers: { ok: false, message: expect.stringMatching(/refused its API key \(401\).*It said: Expired/) },
      latencyMs: expect.any(Number),
      reportsUsage: null,
      callsTools: null,
      structuredOutput: null,
    });
    expect(asked).toEqual(['plain']);
  });

  it.each([
    ['an unknown model', 'acme/none', /no model "acme\/none"/],
    ['a built-in one', 'builtin/scripted', /is built in/],
  ])('refuses %s', async (_, id, says) => {
    const models = createModels({ providers: [] });
    await expect(models.test(id, signal)).rejects.toThrow(says);
  });
});
