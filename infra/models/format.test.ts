import { afterEach, describe, expect, it } from 'vitest';
import { isModelError, type ModelError, type ModelResponse } from '../../agent/ports.ts';
import { providerConfig } from '../../domain/model/provider.ts';
import { type FakeProvider, type Reply, startProvider } from '../../tests/support/models/provider.ts';
import { type Format, formats } from './format.ts';
import { createModels } from './index.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});

const responseSchema = {
  name: 'judgment',
  schema: { type: 'object', properties: { verdict: { type: 'string' } }, required: ['verdict'] },
};
const json: Reply = { answer: '{"verdict":"pass"}', usage: { input: 10, output: 5 } };
const prose: Reply = { answer: 'It passes.', usage: { input: 10, output: 5 } };

/** A provider that answers each format in its own way. */
async function setUp(replies: { [format in Format]: Reply }) {
  const fake = await startProvider(({ response_format }) => replies[response_format?.type ?? 'text']);
  opened.push(fake);
  let nowMs = 0;
  const provider = providerConfig.parse({ name: 'acme', baseUrl: fake.baseUrl, apiKey: 'sk-1', models: [{ id: 'm' }] });
  const model = createModels({ providers: [provider], timeoutMs: 5000, now: () => nowMs }).resolve('acme/m');
  const ask = (): Promise<ModelResponse> =>
    model.complete({
      messages: [{ role: 'user', content: 'Answer with JSON.' }],
      responseSchema,
      signal: new AbortController().signal,
    });
  return {
    replies,
    ask,
    failure: () =>
      ask().then(
        ({ content }) => expect.unreachable(`should have failed, but answered ${content}`),
        (error: unknown) => (isModelError(error) ? error : Promise.reject(error)),
      ),
    asked: () => takeFormats(fake),
    wait: (minutes: number) => {
      nowMs += minutes * 60_000;
    },
  };
}

/** The formats of the requests since the last call. */
const takeFormats = (fake: FakeProvider): Format[] =>
  fake.requests.splice(0).map(({ response_format }) => response_format?.type ?? 'text');

const refusals: { [name: string]: Reply } = {
  '400': { status: 400, body: { error: { message: "This model doesn't support response_format" } } },
  '404': { status: 404, body: { detail: 'Not Found' } },
  '422': {
    status: 422,
    body: { detail: [{ loc: ['body', 'response_format', 'type'], msg: "Input should be 'text'" }] },
  },
  '500': {
    status: 500,
    body: { error: { message: "[{'loc': ('body', 'response_format'), 'msg': 'Input should be json_object'}]" } },
  },
  '500 without a word': { status: 500 },
  '501': { status: 501, raw: 'Not implemented' },
  '403 that names the format': { status: 403, body: { error: 'Your plan has no structured outputs' } },
  '503 that names the format': { status: 503, body: { error: 'grammar is not available' } },
  '200 with an error': { raw: '{"error":{"message":"json_schema is not supported"}}' },
  '200 with an error of another shape': { raw: '{"object":"error","message":"Not implemented"}' },
  '200 that ignores the format': prose,
  '200 with JSON that is no object': { answer: '"pass"' },
};
const names = Object.keys(refusals);
const pairs = names.flatMap((first) => names.map((second) => [first, second] as const));

describe('structured output', () => {
  it('is requested by its schema where that works', async () => {
    const { ask, asked } = await setUp({ json_schema: json, json_object: json, text: json });
    await ask();
    await ask();
    expect(asked()).toEqual(['json_schema', 'json_schema']);
  });

  it.each(names)('is requested as a JSON object where the schema is refused by %s, then immediately', async (name) => {
    const { ask, asked } = await setUp({ json_schema: refusals[name] ?? prose, json_object: json, text: prose });
    expect((await ask()).content).toBe('{"verdict":"pass"}');
    await ask();
    expect(asked()).toEqual(['json_schema', 'json_object', 'json_object']);
  });

  it.each(pairs)('is requested in the messages alone after %s and %s, then immediately', async (first, second) => {
    const { ask, asked } = await setUp({
      json_schema: refusals[first] ?? prose,
      json_object: refusals[second] ?? prose,
      text: json,
    });
    expect((await ask()).content).toBe('{"verdict":"pass"}');
    await ask();
    expect(asked()).toEqual(['json_schema', 'json_object', 'text', 'text']);
  });

  it('may be in a code block', async () => {
    const fenced: Reply = { answer: '```json\n{"verdict":"pass"}\n```' };
    const { ask, asked } = await setUp({ json_schema: fenced, json_object: json, text: json });
    await ask();
    expect(asked()).toEqual(['json_schema']);
  });

  it('ends with prose where every format is ignored, and counts the tokens of all requests', async () => {
    const { ask, asked } = await setUp({ json_schema: prose, json_object: prose, text: prose });
    expect(await ask()).toMatchObject({ content: 'It passes.', usage: { input: 30, output: 15 } });
    await ask();
    expect(asked()).toEqual(['json_schema', 'json_object', 'text', 'text']);
  });

  it('keeps an answer that it has when a later format fails', async () => {
    const { ask } = await setUp({ json_schema: prose, json_object: { status: 500 }, text: { status: 401 } });
    expect((await ask()).content).toBe('It passes.');
  });

  it.each<[string, Reply, ModelError['kind']]>([
    ['a refused key', { status: 401, body: { error: { message: 'Invalid key' } } }, 'auth'],
    ['no permission', { status: 403 }, 'auth'],
    ['no payment', { status: 402 }, 'misconfigured'],
    ['a rate limit', { status: 429 }, 'rate_limited'],
    ['an unknown model by its code', { status: 404, body: { error: { code: 'model_not_found' } } }, 'misconfigured'],
    [
      'an unknown model',
      { status: 404, body: { error: { message: 'The model `m` does not exist' } } },
      'misconfigured',
    ],
    ['an unknown model with 400', { status: 400, body: { error: 'invalid model' } }, 'misconfigured'],
    ['an unknown deployment', { status: 404, body: { error: { message: 'No such deployment' } } }, 'misconfigured'],
    [
      'a conversation that is too long',
      { status: 400, body: { error: { message: 'exceeds the available context size' } } },
      'too_large',
    ],
    [
      'too long, counting the format',
      { status: 400, body: { error: { message: 'maximum context length is 10, response_format takes 20' } } },
      'too_large',
    ],
    ['overload', { status: 503 }, 'unavailable'],
    ['overload with 500', { status: 500, body: { error: { message: 'The engine is overloaded' } } }, 'unavailable'],
    ['overload with 529', { status: 529 }, 'unavailable'],
    ['a proxy without its server', { status: 502, raw: '<html>Bad gateway</html>' }, 'unavailable'],
    ['no credit with 200', { raw: '{"error":{"message":"out of credits"}}' }, 'malformed'],
    ['something that is not JSON', { raw: '{"choices": [' }, 'malformed'],
    ['a redirect', { status: 308, headers: { location: '/v2' } }, 'misconfigured'],
  ])('is not requested in another format after %s', async (_, reply, kind) => {
    const { failure, asked } = await setUp({ json_schema: reply, json_object: json, text: json });
    expect((await failure()).kind).toBe(kind);
    expect(asked()).toEqual(['json_schema']);
  });

  it.each<[string, { [format in Format]: Reply }, RegExp]>([
    [
      'what the last request met, which named no format',
      { json_schema: refusals['400'] ?? prose, json_object: refusals['422'] ?? prose, text: { status: 401 } },
      /refused its API key/,
    ],
    [
      'what hinders it for now, after what may have been about the format',
      { json_schema: { status: 500, body: { error: 'boom' } }, json_object: { status: 500 }, text: { status: 429 } },
      /limits the rate/,
    ],
    [
      'the words about another thing than the format',
      {
        json_schema: { status: 400, body: { error: { message: "Unsupported parameter: 'top_k'" } } },
        json_object: refusals['400'] ?? prose,
        text: { status: 500 },
      },
      /top_k/,
    ],
    [
      'the last failure where all are alike',
      { json_schema: { status: 500 }, json_object: { status: 500 }, text: { status: 400, body: { error: 'boom' } } },
      /boom/,
    ],
  ])('reports %s', async (_, replies, says) => {
    const { failure, asked } = await setUp(replies);
    expect((await failure()).message).toMatch(says);
    expect(asked()).toEqual([...formats]);
  });

  it('is requested by its schema again after a quarter of an hour', async () => {
    const { ask, asked, wait, replies } = await setUp({ json_schema: { status: 500 }, json_object: json, text: json });
    await ask();
    wait(14);
    await ask();
    replies.json_schema = json;
    wait(1);
    await ask();
    await ask();
    expect(asked()).toEqual(['json_schema', 'json_object', 'json_object', 'json_schema', 'json_schema']);
  });

  it('is requested as before after a failure that has nothing to do with it', async () => {
    const { ask, failure, asked, replies } = await setUp({
      json_schema: { status: 400 },
      json_object: json,
      text: json,
    });
    await ask();
    replies.json_object = { status: 429 };
    await failure();
    replies.json_object = json;
    await ask();
    expect(asked()).toEqual(['json_schema', 'json_object', 'json_object', 'json_object']);
  });

  it('is requested by its schema again when what worked works no more', async () => {
    const { ask, failure, asked, replies } = await setUp({
      json_schema: { status: 400 },
      json_object: json,
      text: json,
    });
    await ask();
    Object.assign(replies, { json_schema: json, json_object: { status: 400 }, text: { status: 400 } });
    await failure();
    await ask();
    expect(asked()).toEqual(['json_schema', 'json_object', 'json_object', 'text', 'json_schema']);
  });
});
