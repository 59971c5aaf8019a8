import { afterEach, describe, expect, it } from 'vitest';
import { isModelError, type ModelError, type ModelRequest } from '../../agent/ports.ts';
import { providerConfig } from '../../domain/model/provider.ts';
import { type FakeProvider, type Reply, startProvider } from '../../tests/support/models/provider.ts';
import { serve } from '../../tests/support/targets/http.ts';
import { retryAfter } from './chat-failure.ts';
import { createModels } from './index.ts';

const apiKey = 'sk-very-secret-0123456789';
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

function modelAt(baseUrl: string, { timeoutMs = 5000, prices = {} } = {}) {
  const provider = providerConfig.parse({ name: 'acme', baseUrl, apiKey, models: [{ id: 'large', ...prices }] });
  return createModels({ providers: [provider], timeoutMs }).resolve('acme/large');
}

async function provider(...replies: Reply[]): Promise<FakeProvider> {
  const fake = await startProvider((_, number) => replies[number - 1] ?? replies.at(-1) ?? { answer: '' });
  opened.push(fake);
  return fake;
}

const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [{ role: 'user', content: 'Hello' }],
  signal: new AbortController().signal,
  ...more,
});

async function failureOf(work: Promise<unknown>): Promise<ModelError> {
  const error: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!isModelError(error)) throw new Error(`expected a ModelError, got ${String(error)}`);
  return error;
}

const schema = {
  type: 'object',
  properties: { verdict: { type: 'string' } },
  required: ['verdict'],
  additionalProperties: false,
};

describe('a model of a provider', () => {
  it('sends the conversation with its tools and reads calls and usage', async () => {
    const fake = await provider({
      answer: '',
      toolCalls: [{ id: 'c1', name: 'search', arguments: '{"query":"lamp"}' }],
      usage: { input: 100, output: 20, cached: 64 },
    });
    const response = await modelAt(fake.baseUrl).complete(
      request({
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Find a lamp' },
          { role: 'assistant', content: '', toolCalls: [{ id: 'c0', name: 'search', arguments: '{}' }] },
          { role: 'tool', toolCallId: 'c0', content: 'nothing' },
        ],
        tools: [{ name: 'search', description: 'Searches', inputSchema: { type: 'object' } }],
      }),
    );
    expect(response).toEqual({
      content: '',
      toolCalls: [{ id: 'c1', name: 'search', arguments: '{"query":"lamp"}' }],
      usage: { input: 100, output: 20, cachedInput: 64 },
    });
    const [asked] = fake.requests;
    expect(asked?.model).toBe('large');
    expect(asked?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
    expect(asked?.messages[2]?.tool_calls?.[0]?.function.name).toBe('search');
    expect(asked?.messages[3]).toMatchObject({ tool_call_id: 'c0', content: 'nothing' });
    expect(fake.received.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/v1/chat/completions', `Bearer ${apiKey}`],
    ]);
  });

  it('offers tools under names that providers take, and gives their own names back', async () => {
    const name = 'shop.orders/create';
    const fake = await startProvider((asked) => ({
      answer: '',
      toolCalls: [{ name: asked.tools?.[0]?.function.name ?? '', arguments: '{}' }],
    }));
    opened.push(fake);
    const response = await modelAt(fake.baseUrl).complete(
      request({ tools: [{ name, description: '', inputSchema: { type: 'object' } }] }),
    );
    expect(fake.requests[0]?.tools?.[0]?.function.name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(response.toolCalls[0]?.name).toBe(name);
  });

  it('asks for structured output, strictly where the schema allows it', async () => {
    const fake = await provider({ answer: '{"verdict":"pass"}' });
    const model = modelAt(fake.baseUrl);
    await model.complete(request({ responseSchema: { name: 'j', schema } }));
    await model.complete(request({ responseSchema: { name: 'j', schema: { ...schema, required: [] } } }));
    expect(fake.requests.map((each) => each.response_format?.json_schema?.strict)).toEqual([true, false]);
  });

  it('knows its cost where the prices are known', () => {
    const usage = { input: 1_000_000, output: 100_000, cachedInput: 400_000 };
    const at = (prices: object) => modelAt('http://127.0.0.1:9/v1', { prices }).cost(usage);
    expect(at({ inputPrice: 2, outputPrice: 10, cachedInputPrice: 0.5 })).toBeCloseTo(0.6 * 2 + 0.4 * 0.5 + 1);
    expect(at({ inputPrice: 2, outputPrice: 10 })).toBeCloseTo(3);
    expect(at({ inputPrice: 2 })).toBeNull();
  });

  const overlong = { error: { message: 'too long', code: 'context_length_exceeded' } };
  const failures: { what: string; reply: Reply; kind: ModelError['kind']; retryable: boolean; says: RegExp }[] = [
    {
      what: '401',
      reply: { status: 401, body: { error: { message: `Bad key ${apiKey}` } } },
      kind: 'auth',
      retryable: false,
      says: /refused its API key \(401\)/,
    },
    { what: '403', reply: { status: 403 }, kind: 'auth', retryable: false, says: /403/ },
    {
      what: '404',
      reply: { status: 404, body: { error: { message: 'no such model' } } },
      kind: 'misconfigured',
      retryable: false,
      says: /acme\/large.*no such model/,
    },
    {
      what: '400',
      reply: { status: 400, body: { error: { message: `bad ${apiKey}` } } },
      kind: 'misconfigured',
      retryable: false,
      says: /bad \[redacted\]/,
    },
    { what: '429', reply: { status: 429 }, kind: 'rate_limited', retryable: true, says: /429/ },
    {
      what: 'no credit',
      reply: { status: 429, body: { error: { code: 'insufficient_quota' } } },
      kind: 'rate_limited',
      retryable: false,
      says: /credit/,
    },
    {
      what: '500',
      reply: { status: 500, body: { error: { message: 'boom' } } },
      kind: 'unavailable',
      retryable: true,
      says: /500.*boom/,
    },
    {
      what: '503 with HTML',
      reply: { status: 503, body: '<html>' },
      kind: 'unavailable',
      retryable: true,
      says: /503/,
    },
    { what: 'too long', reply: { status: 400, body: overlong }, kind: 'too_large', retryable: false, says: /too long/ },
    { what: 'malformed JSON', reply: { raw: '{"choices": [' }, kind: 'malformed', retryable: true, says: /not JSON/ },
    {
      what: 'a key that it shows in part',
      reply: { status: 401, body: { error: { message: 'Incorrect API key provided: sk-ver*****6789.' } } },
      kind: 'auth',
      retryable: false,
      says: /It said: Incorrect API key provided: \[redacted\]$/,
    },
    {
      what: 'a problem in the way FastAPI tells it',
      reply: { status: 422, body: { detail: [{ loc: ['body', 'top_k'], msg: 'Input should be at least 1' }] } },
      kind: 'misconfigured',
      retryable: false,
      says: /top_k.*Input should be at least 1/,
    },
    {
      what: 'plain text',
      reply: { status: 400, raw: 'no such thing here' },
      kind: 'misconfigured',
      retryable: false,
      says: /refused the request \(400\)\. It said: no such thing here/,
    },
    {
      what: 'a redirect',
      reply: { status: 307, headers: { location: 'https://elsewhere.example/v1/chat/completions?key=1' } },
      kind: 'misconfigured',
      retryable: false,
      says: /redirects to https:\/\/elsewhere\.example\/v1\/chat\/completions \(307\)\. Set its baseUrl/,
    },
    {
      what: 'an error with 200 that quotes the key',
      reply: { raw: JSON.stringify({ error: `no access with ${apiKey}` }) },
      kind: 'malformed',
      retryable: true,
      says: /no access with \[redacted\]/,
    },
    {
      what: 'another shape',
      reply: { raw: '{"choices": []}' },
      kind: 'malformed',
      retryable: true,
      says: /not a chat completion/,
    },
    {
      what: 'a wrong type',
      reply: { raw: '{"choices":[{"message":{"content":7}}]}' },
      kind: 'malformed',
      retryable: true,
      says: /choices\.0\.message\.content/,
    },
    {
      what: 'an error with 200',
      reply: { raw: '{"error":{"message":"overloaded"}}' },
      kind: 'malformed',
      retryable: true,
      says: /overloaded/,
    },
    {
      what: 'a cut-off answer',
      reply: { cutOff: 'sized' },
      kind: 'malformed',
      retryable: true,
      says: /broke its answer off/,
    },
    {
      what: 'a cut-off chunked answer',
      reply: { cutOff: 'chunked' },
      kind: 'malformed',
      retryable: true,
      says: /broke its answer off/,
    },
    {
      what: 'the output limit',
      reply: { answer: 'half', finishReason: 'length' },
      kind: 'too_large',
      retryable: false,
      says: /output limit/,
    },
    {
      what: 'a refusal',
      reply: { answer: '', refusal: 'I will not.' },
      kind: 'refused',
      retryable: false,
      says: /I will not/,
    },
    {
      what: 'the content filter',
      reply: { answer: '', finishReason: 'content_filter' },
      kind: 'refused',
      retryable: false,
      says: /content filter/,
    },
  ];
  it.each(failures)('tells $what apart', async ({ reply, kind, retryable, says }) => {
    const fake = await provider(reply);
    const error = await failureOf(modelAt(fake.baseUrl).complete(request()));
    expect({ kind: error.kind, retryable: error.retryable }).toEqual({ kind, retryable });
    expect(error.message).toMatch(says);
    expect(error.message).not.toContain(apiKey);
    expect(fake.requests).toHaveLength(1);
  });

  it.each(['headers', 'body'] as const)('gives up in time when no %s comes', async (hang) => {
    const fake = await provider({ hang });
    const error = await failureOf(modelAt(fake.baseUrl, { timeoutMs: 150 }).complete(request()));
    expect(error).toMatchObject({ kind: 'timeout', retryable: true });
  });

  it('says that nobody listens', async () => {
    const gone = await serve(() => {});
    await gone.close();
    const error = await failureOf(modelAt(`${gone.origin}/v1`).complete(request()));
    expect(error).toMatchObject({ kind: 'unavailable', retryable: true });
    expect(error.message).toMatch(/ECONNREFUSED/);
  });

  it("ends with the caller's own reason when the caller aborts", async () => {
    const fake = await provider({ hang: 'headers' });
    const abort = new AbortController();
    const asked = modelAt(fake.baseUrl).complete(request({ signal: abort.signal }));
    const reason = new Error('canceled');
    abort.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });

  it('reads Retry-After in seconds, as a date and in milliseconds', () => {
    const now = Date.parse('2026-11-21T10:00:00Z');
    const read = (headers: { [name: string]: string }) => retryAfter(new Headers(headers), now);
    expect(read({ 'retry-after': '7' })).toBe(7000);
    expect(read({ 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' })).toBe(30_000);
    expect(read({ 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' })).toBe(0);
    expect(read({ 'retry-after-ms': '250', 'retry-after': '1' })).toBe(250);
    expect(read({ 'retry-after': 'soon' })).toBeUndefined();
    expect(read({})).toBeUndefined();
  });

  it('hands on what a 429 asks to wait', async () => {
    const fake = await provider({ status: 429, headers: { 'retry-after': '12' } });
    expect((await failureOf(modelAt(fake.baseUrl).complete(request()))).retryAfterMs).toBe(12_000);
  });
});

describe('the catalog of models', () => {
  const provider = (more: object) =>
    providerConfig.parse({ name: 'acme', baseUrl: 'https://api.example.com/v1/', models: [{ id: 'a/b' }], ...more });

  it('lists the built-in models and those of the providers', () => {
    const models = createModels({
      providers: [provider({ apiKey, models: [{ id: 'a/b', inputPrice: 1, outputPrice: 2 }] })],
    });
    expect(models.list().map(({ id, tester, judge, keySet }) => ({ id, tester, judge, keySet }))).toEqual([
      { id: 'builtin/scripted', tester: true, judge: false, keySet: true },
      { id: 'builtin/assertions', tester: false, judge: true, keySet: true },
      { id: 'acme/a/b', tester: true, judge: true, keySet: true },
    ]);
    expect(models.list().at(-1)?.price).toEqual({ input: 1, output: 2 });
    expect(JSON.stringify(models.list())).not.toContain(apiKey);
  });

  it.each([
    ['an unknown id', 'acme/none', /no model "acme\/none".*acme\/a\/b/],
    ['a provider without key', 'acme/a/b', /"acme" has no API key.*ARMATURE_MODELS/],
  ])('refuses %s', (_, id, says) => {
    const models = createModels({ providers: [provider({ apiKey: '' })] });
    expect(models.list().at(-1)?.keySet).toBe(false);
    expect(() => models.resolve(id)).toThrow(says);
    expect(() => models.resolve(id)).toThrow(expect.objectContaining({ kind: 'misconfigured', retryable: false }));
  });

  it.each([
    ['the built-in name', { name: 'builtin' }],
    ['an address that is none', { baseUrl: 'api.example.com' }],
    ['no model', { models: [] }],
    ['a model named twice', { models: [{ id: 'x' }, { id: 'x' }] }],
  ])('refuses a provider with %s', (_, more) => {
    expect(() => provider(more)).toThrow();
  });
});
