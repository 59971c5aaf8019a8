import { afterEach, describe, expect, it } from 'vitest';
import { ModelError } from '../../agent/ports.ts';
import { providerConfig } from '../../domain/model/provider.ts';
import { type Reply, startProvider } from '../../tests/support/models/provider.ts';
import { createModels } from './index.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** Asks the model once; `settings` of the provider may use `base` as its address. */
async function ask(
  settings: (base: string) => object,
  { model = 'm', reply = { answer: 'ok' } }: { model?: string; reply?: Reply } = {},
) {
  const fake = await startProvider(() => reply);
  opened.push(fake);
  const base = fake.baseUrl.replace(/\/v1$/, '');
  const provider = providerConfig.parse({
    name: 'acme',
    baseUrl: fake.baseUrl,
    models: [{ id: model }],
    ...settings(base),
  });
  const models = createModels({ providers: [provider], timeoutMs: 5000 });
  const [asked] = await Promise.allSettled([
    models
      .resolve(`acme/${model}`)
      .complete({ messages: [{ role: 'user', content: 'Hi' }], signal: new AbortController().signal }),
  ]);
  const response = asked.status === 'fulfilled' ? asked.value : null;
  const failure: unknown = asked.status === 'rejected' ? asked.reason : null;
  const [body] = fake.requests;
  const [received] = fake.received;
  if (!body || !received) throw new Error(`nothing was asked: ${String(failure)}`);
  return { body, response, failure, keySet: models.list().at(-1)?.keySet, ...received };
}

describe('options of a provider and its models', () => {
  it("are added to every request, a model's own over its provider's", async () => {
    const { body, url, headers } = await ask(() => ({
      apiKey: 'sk-1',
      headers: { 'X-Team': 'tests', 'X-Title': 'Armature' },
      query: { tier: 'flex', trace: true },
      parameters: { temperature: 0, top_k: 5, seed: 7 },
      models: [
        {
          id: 'm',
          headers: { 'x-team': 'judges' },
          query: { tier: 'priority' },
          parameters: {
            top_k: null,
            reasoning_effort: 'low',
            max_completion_tokens: 500,
            extra_body: { think: false },
          },
        },
      ],
    }));
    expect(url).toBe('/v1/chat/completions?tier=priority&trace=true');
    expect(headers).toMatchObject({ authorization: 'Bearer sk-1', 'x-team': 'judges', 'x-title': 'Armature' });
    expect(body).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'Hi' }],
      temperature: 0,
      seed: 7,
      reasoning_effort: 'low',
      max_completion_tokens: 500,
      extra_body: { think: false },
    });
  });

  it('replace the credential by a header of their own', async () => {
    const { headers } = await ask(() => ({ apiKey: 'sk-1', headers: { Authorization: 'Basic dXNlcjpwYXNz' } }));
    expect(headers.authorization).toBe('Basic dXNlcjpwYXNz');
  });

  it.each([
    [
      'Azure OpenAI by deployment',
      '/openai/deployments/gpt-5-mini',
      '/openai/deployments/{model}',
      '2025-04-01-preview',
    ],
    ['Azure OpenAI by its v1 API', '/openai/v1', '/openai/v1', 'preview'],
  ])('reach %s', async (_, path, configured, version) => {
    const { body, url, headers, keySet } = await ask(
      (base) => ({
        baseUrl: `${base}${configured}`,
        headers: { 'api-key': '0123456789abcdef' },
        query: { 'api-version': version },
      }),
      { model: 'gpt-5-mini' },
    );
    expect(url).toBe(`${path}/chat/completions?api-version=${version}`);
    expect(headers['api-key']).toBe('0123456789abcdef');
    expect(headers).not.toHaveProperty('authorization');
    expect(body.model).toBe('gpt-5-mini');
    expect(keySet).toBe(true);
  });

  it('are masked in what the provider says, but the version of its API is not', async () => {
    const secret = '0123456789abcdef';
    const said = `no access to 2025-04-01-preview with ${secret} and tok-987654321`;
    const { failure } = await ask(
      () => ({
        headers: { 'api-key': secret },
        query: { 'api-version': '2025-04-01-preview', access_token: 'tok-987654321' },
      }),
      { reply: { status: 400, body: { error: { message: said } } } },
    );
    expect(failure).toBeInstanceOf(ModelError);
    expect(String(failure)).toContain('no access to 2025-04-01-preview with [redacted] and [redacted]');
  });

  it("are masked in the model's answers", async () => {
    const secret = 'sk-0123456789abcdef';
    const { response } = await ask(() => ({ apiKey: secret }), {
      reply: { answer: `My key is ${secret}`, toolCalls: [{ id: 'c', name: 't', arguments: `{"key":"${secret}"}` }] },
    });
    expect(response).toMatchObject({
      content: 'My key is [redacted]',
      toolCalls: [{ id: 'c', name: 't', arguments: '{"key":"[redacted]"}' }],
    });
  });

  it('are needed where there is no key: an empty header is none', () => {
    const models = createModels({
      providers: [
        providerConfig.parse({
          name: 'azure',
          baseUrl: 'https://acme.openai.azure.com/openai/v1',
          headers: { 'api-key': '', 'x-team': 'tests' },
          models: [{ id: 'm' }],
        }),
      ],
    });
    expect(models.list().at(-1)?.keySet).toBe(false);
    expect(() => models.resolve('azure/m')).toThrow(/"azure" has no API key/);
  });

  it.each([
    [
      'a header that Armature sets itself',
      { headers: { 'Content-Type': 'text/plain' } },
      'is a header that Armature sets',
    ],
    ['a name that is no header', { headers: { 'X Team': '1' } }, 'is not a valid header name'],
    ['a header of two lines', { headers: { 'x-team': 'a\nb: c' } }, 'a character that a header must not contain'],
    ['a parameter that Armature sets itself', { parameters: { stream: true } }, 'is a parameter that Armature sets'],
    ['the same of a model', { models: [{ id: 'm', parameters: { n: 2 } }] }, 'is a parameter that Armature sets'],
    ['a query in its address', { baseUrl: 'https://api.example.com/v1?api-version=1' }, 'must not contain a query'],
    ['a password in its address', { baseUrl: 'https://a:b@api.example.com/v1' }, 'credentials'],
    ['no address', { baseUrl: 'api.example.com' }, 'must be an http(s) address'],
  ])('are refused with %s', (_, settings, says) => {
    const base = { name: 'acme', baseUrl: 'https://api.example.com/v1', models: [{ id: 'm' }] };
    const issues = providerConfig.safeParse({ ...base, ...settings }).error?.issues ?? [];
    expect(issues.map(({ message }) => message).join('\n')).toContain(says);
  });
});
