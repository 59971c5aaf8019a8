import { describe, expect, it } from 'vitest';
import { attemptRun, call, modelOf, toolMessages } from '../tests/support/agent/attempt.ts';
import { createFakeServer, type FakeServer, text } from '../tests/support/agent/fake-target.ts';
import { createMemoryTrace, type MemoryTrace } from './execution/memory-trace.ts';
import { SupersededError } from './ports.ts';

/** The process dies here. */
class Crash extends Error {}

const turns = [[call('find', { q: 1 })], [call('order', { n: 1 }), call('order', { n: 2 })], 'Done.'];

/** A first attempt that dies after the `number`th of these writes. */
async function dieAfter(write: string, number: number, server: FakeServer, trace: MemoryTrace) {
  let seen = 0;
  const recorder = trace.attempt({
    afterWrite: (name) => {
      if (name === write && ++seen === number) throw new Crash(`${write} ${number}`);
    },
  });
  await expect(attemptRun({ server, trace, recorder, model: modelOf(...turns) }).end).rejects.toBeInstanceOf(Crash);
}

const orders = (server: FakeServer) => server.received.filter(({ tool }) => tool === 'order').map(({ args }) => args);

describe('a run whose worker died', () => {
  it.each([
    ['after connecting', 'connected', 1],
    ['after a model turn', 'model_turn', 1],
    ['between two calls of one turn', 'finishCall', 2],
    ['after the last call', 'finishCall', 3],
    ['before the final answer was recorded', 'model_turn', 3],
  ])('goes on %s: nothing is done twice', async (_, write, number) => {
    const [server, trace] = [createFakeServer(), createMemoryTrace()];
    await dieAfter(write, number, server, trace);
    const model = modelOf(...turns);
    expect(await attemptRun({ server, trace, model }).end).toEqual({ outcome: 'completed' });
    expect(server.received).toHaveLength(3);
    expect(orders(server)).toEqual([{ n: 1 }, { n: 2 }]);
    expect(trace.calls.map(({ index, outcome }) => [index, outcome])).toEqual([
      [0, 'ok'],
      [1, 'ok'],
      [2, 'ok'],
    ]);
    expect(trace.types().filter((type) => type === 'model_turn')).toHaveLength(3);
    expect(trace.types().filter((type) => type === 'resumed')).toHaveLength(1);
    expect(trace.types().at(-1)).toBe('final_answer');
  });

  it('shows the model the same conversation as if nothing had happened', async () => {
    const [server, trace] = [createFakeServer(), createMemoryTrace()];
    await dieAfter('finishCall', 3, server, trace);
    const resumed = modelOf(...turns);
    await attemptRun({ server, trace, model: resumed }).end;
    const whole = modelOf(...turns);
    await attemptRun({ model: whole }).end;
    expect(resumed.seen).toHaveLength(1);
    expect(resumed.seen.at(-1)).toEqual(whole.seen.at(-1));
  });

  it.each([1, 2, 3, 4])(
    'does not make a call twice that must not be, however often it dies (%i times)',
    async (deaths) => {
      const server = createFakeServer({
        handlers: {
          order: () => {
            throw new Crash('in flight');
          },
        },
      });
      const trace = createMemoryTrace();
      const models = Array.from({ length: deaths + 1 }, () => modelOf(...turns));
      for (const model of models) await attemptRun({ server, trace, model }).end.catch(() => undefined);
      // Each attempt settles the call of the one before, and dies in the next.
      expect(orders(server)).toEqual([{ n: 1 }, { n: 2 }]);
      const model = modelOf(...turns);
      await attemptRun({ server, trace, model }).end;
      expect(orders(server)).toEqual([{ n: 1 }, { n: 2 }]);
      expect(trace.calls.map(({ outcome }) => outcome)).toEqual(['ok', 'interrupted', 'interrupted']);
      const told = [...models, model]
        .map(({ seen }) => toolMessages(seen.at(-1)))
        .findLast((each) => each.length === 3);
      expect(told?.slice(1)).toEqual([expect.stringMatching(/outcome|unknown/), expect.stringMatching(/unknown/)]);
    },
  );

  it('makes a call in flight again where it may be made twice', async () => {
    const server = createFakeServer({
      handlers: {
        find: (_, __, number) => {
          if (number === 1) throw new Crash('in flight');
          return text('found');
        },
      },
    });
    const trace = createMemoryTrace();
    await expect(attemptRun({ server, trace, model: modelOf(...turns) }).end).rejects.toBeInstanceOf(Crash);
    expect(trace.calls).toMatchObject([{ outcome: 'started' }]);
    expect(await attemptRun({ server, trace, model: modelOf(...turns) }).end).toEqual({ outcome: 'completed' });
    expect(trace.calls[0]).toMatchObject({ index: 0, outcome: 'ok', attempts: 2 });
    expect(server.received.filter(({ tool }) => tool === 'find')).toHaveLength(2);
    expect(trace.events.find(({ type }) => type === 'retry')).toMatchObject({ of: 'tool_call', attempt: 2 });
  });

  it('does not repeat a call of a tool that the server no longer has', async () => {
    const trace = createMemoryTrace();
    const gone = { name: 'gone', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
    const dying = createFakeServer({
      tools: [gone],
      handlers: {
        gone: () => {
          throw new Crash('in flight');
        },
      },
    });
    const model = modelOf([call('gone')], 'Done.');
    await expect(attemptRun({ server: dying, trace, model }).end).rejects.toBeInstanceOf(Crash);
    const server = createFakeServer();
    await attemptRun({ server, trace, model }).end;
    expect(server.received).toEqual([]);
    expect(trace.calls).toMatchObject([{ outcome: 'interrupted' }]);
  });

  it('resumes the session that the server still knows', async () => {
    const [server, trace] = [createFakeServer(), createMemoryTrace()];
    await dieAfter('model_turn', 1, server, trace);
    await attemptRun({ server, trace, model: modelOf(...turns) }).end;
    expect(server.asked).toEqual([undefined, 'session-1']);
    expect(trace.types().filter((type) => type === 'connected')).toHaveLength(1);
  });

  it.each([
    ['has forgotten', true],
    ['never had', false],
  ])('opens a new session, recorded as such, where the server %s it', async (_, stateful) => {
    const [server, trace] = [createFakeServer({ stateful }), createMemoryTrace()];
    await dieAfter('model_turn', 1, server, trace);
    server.forget();
    await attemptRun({ server, trace, model: modelOf(...turns) }).end;
    expect(trace.events.filter(({ type }) => type === 'connected')).toMatchObject([{ again: false }, { again: true }]);
  });

  it('counts limits over all attempts', async () => {
    const [server, trace] = [createFakeServer(), createMemoryTrace()];
    await dieAfter('finishCall', 1, server, trace);
    const model = modelOf(...turns);
    expect(await attemptRun({ server, trace, model, limits: { turns: 1 } }).end).toEqual({ outcome: 'limit' });
    expect(model.seen).toEqual([]);
  });

  it('numbers its attempts', async () => {
    const [server, trace] = [createFakeServer(), createMemoryTrace()];
    await dieAfter('model_turn', 1, server, trace);
    await dieAfter('model_turn', 1, server, trace);
    await attemptRun({ server, trace, model: modelOf(...turns) }).end;
    expect(trace.events.filter(({ type }) => type === 'resumed')).toMatchObject([{ attempt: 2 }, { attempt: 3 }]);
  });

  it.each([
    ['a final answer', { type: 'final_answer', content: 'Done.' }, { outcome: 'completed' }],
    ['a limit', { type: 'limit', limit: 'turns', allowed: 1 }, { outcome: 'limit' }],
    [
      'an error',
      { type: 'error', kind: 'auth', message: 'No.' },
      { outcome: 'error', error: { kind: 'auth', message: 'No.' } },
    ],
  ] as const)('ends at once when %s is recorded', async (_, event, expected) => {
    const [server, trace] = [createFakeServer(), createMemoryTrace()];
    await trace.attempt().append(event);
    const model = modelOf(...turns);
    expect(await attemptRun({ server, trace, model }).end).toEqual(expected);
    expect(server.asked).toEqual([]);
    expect(model.seen).toEqual([]);
    expect(trace.events).toHaveLength(1);
  });
});

describe('an attempt that a newer one has overtaken', () => {
  it.each([
    ['before a call is sent', 'startCall'],
    ['before the model is asked', 'connected'],
    ['after a model turn', 'model_turn'],
  ])('neither calls nor writes: %s', async (_, write) => {
    const [server, trace] = [createFakeServer(), createMemoryTrace()];
    let size = 0;
    const recorder = trace.attempt({
      afterWrite: (name) => {
        if (name !== write || size > 0) return;
        trace.attempt();
        size = trace.events.length;
      },
    });
    const model = modelOf([call('order')], 'Done.');
    await expect(attemptRun({ server, trace, recorder, model }).end).rejects.toBeInstanceOf(SupersededError);
    expect(server.received).toEqual([]);
    expect(trace.events).toHaveLength(size);
    if (write === 'connected') expect(model.seen).toEqual([]);
    expect(server.closed).toEqual([{ keepSession: true }]);
  });

  it('does not write the result of a call that it had sent', async () => {
    const trace = createMemoryTrace();
    const server = createFakeServer({
      handlers: {
        order: () => {
          trace.attempt();
          return text('ordered');
        },
      },
    });
    const { end } = attemptRun({ server, trace, model: modelOf([call('order')], 'Done.') });
    await expect(end).rejects.toBeInstanceOf(SupersededError);
    expect(trace.calls).toMatchObject([{ outcome: 'started' }]);
  });
});
