import { afterEach, describe, expect, it } from 'vitest';
import { providerConfig } from '../domain/model/provider.ts';
import { measureWorkMs } from '../domain/run/transcript.ts';
import { createModels } from '../infra/models/index.ts';
import { scriptedModel } from '../infra/models/scripted.ts';
import { attemptRun, call, modelOf, toolMessages } from '../tests/support/agent/attempt.ts';
import { createFakeServer, hang, text } from '../tests/support/agent/fake-target.ts';
import { type Reply, startProvider } from '../tests/support/models/provider.ts';
import { createMemoryTrace } from './execution/memory-trace.ts';
import { maxResultCharacters } from './tool-message.ts';

describe('a run of the agent', () => {
  it('records every step in order, up to the final answer', async () => {
    const model = modelOf([call('find', { q: 'lamp' })], [call('order', { sku: 'L-1' })], 'Ordered.');
    const { end, trace, server, catalogs } = attemptRun({ model });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(trace.types()).toEqual([
      'connected',
      'model_turn',
      'tool_call',
      'tool_result',
      'model_turn',
      'tool_call',
      'tool_result',
      'model_turn',
      'final_answer',
    ]);
    expect(trace.calls).toMatchObject([
      { index: 0, turn: 1, tool: 'find', arguments: { q: 'lamp' }, outcome: 'ok', attempts: 1 },
      { index: 1, turn: 2, tool: 'order', arguments: { sku: 'L-1' }, outcome: 'ok', attempts: 1 },
    ]);
    expect(trace.events[0]).toMatchObject({ offered: ['find', 'order'], sessionId: 'session-1', again: false });
    expect(trace.events.at(-1)).toMatchObject({ content: 'Ordered.' });
    expect(server.received.map(({ tool }) => tool)).toEqual(['find', 'order']);
    expect(catalogs).toEqual([['find', 'order']]);
    expect(server.closed).toEqual([{ keepSession: false }]);
  });

  it("puts the run's identity into the prompt", async () => {
    const model = modelOf('Done.');
    await attemptRun({ model, prompt: 'Tag {{run.id}} and {{ run.short_id }}, not {{run.other}}.' }).end;
    expect(model.seen[0]?.[1]?.content).toBe('Tag 0123-4567 and 0123, not {{run.other}}.');
  });

  it('carries out a script', async () => {
    const server = createFakeServer({ handlers: { find: () => text({ items: [{ sku: 'L-1' }] }) } });
    const prompt = 'call find {"q": "lamp"}\ncall order {"sku": $1.items[0].sku}';
    const { end, trace } = attemptRun({ model: scriptedModel, server, prompt });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(server.received[1]).toEqual({ tool: 'order', args: { sku: 'L-1' } });
    expect(trace.events.at(-1)).toMatchObject({
      content: '1. find: {"items":[{"sku":"L-1"}]}\n2. order: {"tool":"order","number":1}',
    });
  });

  it('says why a prompt without a step can not be run', async () => {
    const { end, trace } = attemptRun({ model: scriptedModel, prompt: 'Buy a lamp.' });
    expect(await end).toMatchObject({ outcome: 'error', error: { kind: 'misconfigured' } });
    expect(trace.events.at(-1)).toMatchObject({ type: 'error', message: expect.stringContaining('no step') });
  });

  it('shows results to the model, errors as errors, and cuts what is too large', async () => {
    const server = createFakeServer({
      handlers: {
        find: () => ({ ...text({ a: 1 }), structuredContent: { a: 1 } }),
        order: () => ({ ...text('sold out'), isError: true }),
        huge: () => text('x'.repeat(maxResultCharacters + 5)),
      },
      tools: [{ name: 'huge', inputSchema: { type: 'object' } }],
    });
    const model = modelOf([call('find'), call('order'), call('huge')], 'Done.');
    const { end, trace } = attemptRun({ model, server });
    await end;
    const [found, failed, huge] = toolMessages(model.seen[1]);
    expect(found).toBe('{"a":1}');
    expect(failed).toBe('The tool returned an error:\n\nsold out');
    expect(huge?.length).toBeLessThan(maxResultCharacters + 200);
    expect(huge).toMatch(/Cut off: the first 40000 of 40005 characters/);
    expect(trace.calls.map(({ outcome }) => outcome)).toEqual(['ok', 'tool_error', 'ok']);
  });

  it.each([
    ['{sku: 1}', /not valid.*JSON object that fits/],
    ['[1]', /not a JSON object/],
  ])('tells the model that the arguments %s are not valid', async (args, says) => {
    const model = modelOf([call('order', args)], 'Done.');
    const { end, trace, server } = attemptRun({ model });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(toolMessages(model.seen[1])[0]).toMatch(says);
    expect(server.received).toEqual([]);
    expect(trace.calls).toEqual([]);
  });
});

describe('the offer', () => {
  it('has two tools for resources, which give way to tools of the same name', async () => {
    const server = createFakeServer({
      hasResources: true,
      tools: [{ name: 'read_resource', inputSchema: { type: 'object' } }],
    });
    const model = modelOf(
      [
        call('list_resources'),
        call('read_resource_2', { uri: 'shop://terms' }),
        call('read_resource', { own: 1 }),
        call('read_resource_2'),
      ],
      'Done.',
    );
    const { end, trace } = attemptRun({ model, server });
    await end;
    expect(trace.events[0]).toMatchObject({
      offered: ['find', 'order', 'read_resource', 'list_resources', 'read_resource_2'],
    });
    expect(server.received).toEqual([
      { tool: 'resources/list', args: {} },
      { tool: 'resources/read', args: { uri: 'shop://terms' } },
      { tool: 'read_resource', args: { own: 1 } },
    ]);
    expect(toolMessages(model.seen[1])[3]).toMatch(/"uri" has to be a text/);
  });

  it('does not forward blocked calls, nor calls of tools that were not offered', async () => {
    const model = modelOf([call('order', { sku: 1 }), call('nothing', '{broken'), call('find')], 'Done.');
    const { end, trace, server } = attemptRun({ model, toolPolicy: { blockedTools: ['order'] } });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(server.received.map(({ tool }) => tool)).toEqual(['find']);
    expect(trace.calls).toMatchObject([
      { index: 0, tool: 'order', outcome: 'blocked', arguments: { sku: 1 } },
      { index: 1, tool: 'nothing', outcome: 'not_offered', arguments: '{broken' },
      { index: 2, tool: 'find', outcome: 'ok' },
    ]);
    expect(trace.events.filter(({ type }) => type === 'policy_violation')).toMatchObject([
      { index: 0, verdict: 'blocked' },
      { index: 1, verdict: 'not_offered' },
    ]);
    expect(toolMessages(model.seen[1])[0]).toMatch(/was not made.*blocks the tool "order"/);
    expect(trace.events[0]).toMatchObject({ offered: ['find', 'order'] });
  });

  it('is the allowed tools where there are any', async () => {
    const model = modelOf([call('order')], 'Done.');
    const { end, trace, server } = attemptRun({ model, toolPolicy: { allowedTools: ['find'] } });
    await end;
    expect(trace.events[0]).toMatchObject({ offered: ['find'] });
    expect(trace.calls[0]?.outcome).toBe('not_offered');
    expect(server.received).toEqual([]);
  });
});

describe('limits', () => {
  const loop = () => modelOf([call('find')]);
  it.each([
    ['turns', { turns: 3 }, 3, 3],
    ['toolCalls', { toolCalls: 2 }, 2, 2],
    // 110 tokens a turn: the third turn is the first one past 200.
    ['tokens', { tokens: 200 }, 200, 2],
  ] as const)('ends at its %s', async (limit, limits, allowed, calls) => {
    const { end, trace, server } = attemptRun({ model: loop(), limits });
    expect(await end).toEqual({ outcome: 'limit' });
    expect(trace.events.at(-1)).toMatchObject({ type: 'limit', limit, allowed });
    expect(server.received).toHaveLength(calls);
  });

  /** A run of which an attempt has worked for so long, and then died a minute ago. */
  function worked(seconds: number) {
    const trace = createMemoryTrace();
    const diedAt = Date.now() - 60_000;
    trace.events.push({
      type: 'retry',
      of: 'model',
      attempt: 2,
      reason: 'busy',
      delayMs: 0,
      seq: 0,
      at: new Date(diedAt).toISOString(),
    });
    const startedAt = new Date(diedAt - seconds * 1000);
    return { trace, run: { id: 'r', shortId: 'r', startedAt, attempt: 2 }, limits: { seconds: 60 } };
  }

  it('counts the seconds that all attempts have worked', async () => {
    const { end, server } = attemptRun({ model: loop(), ...worked(61) });
    expect(await end).toEqual({ outcome: 'limit' });
    expect(server.asked.length).toBeLessThanOrEqual(1);
  });

  it('does not count the time in which no attempt worked', async () => {
    expect(await attemptRun({ ...worked(1) }).end).toEqual({ outcome: 'completed' });
    const run = { id: 'r', shortId: 'r', startedAt: new Date(Date.now() - 61_000), attempt: 2 };
    const { end, trace } = attemptRun({ run, limits: { seconds: 60 } });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(trace.types()[0]).toBe('resumed');
    expect(measureWorkMs(trace.events, run.startedAt)).toBeLessThan(60_000);
  });

  it('ends in the middle of a call when the time is over', async () => {
    const server = createFakeServer({ handlers: { order: (_, options) => hang(options) } });
    const model = modelOf([call('order')], 'Done.');
    const { end, trace } = attemptRun({ model, server, ...worked(59.4) });
    expect(await end).toEqual({ outcome: 'limit' });
    expect(trace.calls[0]).toMatchObject({ outcome: 'timeout', error: expect.stringContaining('60 s') });
    expect(trace.events.at(-1)).toMatchObject({ type: 'limit', limit: 'seconds', allowed: 60 });
  });

  it('ends in the middle of a model turn when the time is over', async () => {
    const model = modelOf(({ signal }) => hang({ signal, timeoutMs: 0 }));
    expect(await attemptRun({ model, ...worked(59.4) }).end).toEqual({ outcome: 'limit' });
  });
});

describe('a provider that misbehaves', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  async function withReplies(...replies: Reply[]) {
    const fake = await startProvider((_, number) => replies[number - 1] ?? { answer: 'Done.' });
    opened.push(fake);
    const provider = providerConfig.parse({
      name: 'acme',
      baseUrl: fake.baseUrl,
      apiKey: 'sk-1',
      models: [{ id: 'm' }],
    });
    const timeoutMs = replies.some((reply) => 'hang' in reply) ? 200 : 10_000;
    return createModels({ providers: [provider], timeoutMs }).resolve('acme/m');
  }

  it('is asked again, with back-off, and each retry is traced', async () => {
    const model = await withReplies({ status: 500 }, { raw: 'garbage' }, { answer: 'Done.' });
    const { end, trace, slept } = attemptRun({ model });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(slept).toEqual([1000, 2000]);
    expect(trace.events.filter(({ type }) => type === 'retry')).toMatchObject([
      { of: 'model', attempt: 2, delayMs: 1000, reason: expect.stringContaining('500') },
      { of: 'model', attempt: 3, delayMs: 2000, reason: expect.stringContaining('not JSON') },
    ]);
  });

  it('is given the time that a 429 asks for', async () => {
    const model = await withReplies({ status: 429, headers: { 'retry-after': '17' } });
    const { end, slept } = attemptRun({ model });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(slept).toEqual([17_000]);
  });

  it('is not waited for longer than the run has time', async () => {
    const model = await withReplies({ status: 429, headers: { 'retry-after': '400' } });
    const { end, slept } = attemptRun({ model, limits: { seconds: 300 } });
    expect(await end).toMatchObject({
      outcome: 'error',
      error: { kind: 'model', message: expect.stringMatching(/400 s, longer/) },
    });
    expect(slept).toEqual([]);
  });

  it.each<[string, Reply, number, RegExp]>([
    ['slow', { hang: 'body' }, 2, /within 0\.2 s.*tried 3 times/],
    ['cut off', { cutOff: 'sized' }, 2, /broke its answer off.*tried 3 times/],
    ['failing', { status: 502 }, 2, /502.*tried 3 times/],
    ['refusing its key', { status: 401 }, 0, /refused its API key/],
  ])('ends the run when it stays %s', async (_, reply, retries, says) => {
    const { end, trace } = attemptRun({ model: await withReplies(reply, reply, reply, reply) });
    expect(await end).toMatchObject({
      outcome: 'error',
      error: { kind: 'model', message: expect.stringMatching(says) },
    });
    expect(trace.types().filter((type) => type === 'retry')).toHaveLength(retries);
    expect(trace.events.at(-1)?.type).toBe('error');
  });
});
