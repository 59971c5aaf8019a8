import { describe, expect, it } from 'vitest';
import { TargetError } from '../infra/mcp-target/error.ts';
import { attemptRun, call, modelOf, toolMessages } from '../tests/support/agent/attempt.ts';
import { createFakeServer, hang, text } from '../tests/support/agent/fake-target.ts';
import { createMemoryTrace } from './execution/memory-trace.ts';
import { SupersededError, type TargetErrorKind } from './ports.ts';

const failure = (kind: TargetErrorKind, details = {}) => new TargetError(kind, `It failed: ${kind}.`, { details });
const throws = (error: Error) => () => {
  throw error;
};

describe('connecting', () => {
  it('is tried again while the failure may pass', async () => {
    const server = createFakeServer({
      onConnect: (number) => {
        if (number < 3) throw failure('refused');
      },
    });
    const { end, trace, slept } = attemptRun({ server });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(slept).toEqual([1000, 2000]);
    expect(trace.types()).toEqual(['retry', 'retry', 'connected', 'model_turn', 'final_answer']);
  });

  it.each<[TargetErrorKind, string, number]>([
    ['refused', 'unreachable', 3],
    ['dns', 'unreachable', 3],
    ['tls', 'unreachable', 1],
    ['http_status', 'protocol', 1],
    ['auth', 'auth', 1],
    ['oauth_required', 'auth', 1],
    ['not_mcp', 'protocol', 1],
    ['malformed_result', 'protocol', 1],
    ['blocked', 'misconfigured', 1],
  ])('ends the run when it fails for good: %s is %s', async (kind, expected, connects) => {
    const server = createFakeServer({ onConnect: throws(failure(kind)) });
    const { end, trace } = attemptRun({ server });
    const { remediation } = failure(kind);
    const error = { kind: expected, message: expect.stringMatching(new RegExp(`It failed: ${kind}`)) };
    expect(await end).toEqual({ outcome: 'error', error });
    expect(trace.events.at(-1)).toMatchObject({ type: 'error', message: expect.stringContaining(remediation) });
    expect(server.asked).toHaveLength(connects);
  });
});

describe('a failing call', () => {
  it.each([
    ['rpc_error', 'rpc_error', /answered the call with an error: It failed/],
    ['timeout', 'timeout', /timed out.*unknown/],
    ['malformed_result', 'transport_error', /failed on the way.*unknown/],
    ['unreachable', 'transport_error', /failed on the way.*unknown/],
  ] as const)('is recorded and told to the agent: %s as %s', async (kind, outcome, says) => {
    const server = createFakeServer({ handlers: { order: throws(failure(kind)) } });
    const model = modelOf([call('order')], 'Done.');
    const { end, trace } = attemptRun({ server, model });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(trace.calls).toMatchObject([{ outcome, error: `It failed: ${kind}.`, attempts: 1 }]);
    expect(toolMessages(model.seen[1])[0]).toMatch(says);
    expect(server.received).toHaveLength(1);
  });

  it('whose result was kept in part says so to the agent', async () => {
    const server = createFakeServer({ handlers: { order: () => ({ ...text('begin'), fullBytes: 3_000_000 }) } });
    const model = modelOf([call('order')], 'Done.');
    await attemptRun({ server, model }).end;
    expect(toolMessages(model.seen[1])[0]).toBe(
      'begin\n\n[Only a part of this result was kept, of 3000000 bytes in all.]',
    );
  });

  it('is made again where the tool may be called twice', async () => {
    const server = createFakeServer({
      handlers: {
        find: (_, __, number) => {
          if (number < 3) throw failure('unreachable');
          return text('found');
        },
      },
    });
    const { end, trace, slept } = attemptRun({ server, model: modelOf([call('find')], 'Done.') });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(trace.calls).toMatchObject([{ outcome: 'ok', attempts: 3 }]);
    expect(trace.events.filter(({ type }) => type === 'retry')).toMatchObject([
      { of: 'tool_call', attempt: 2 },
      { of: 'tool_call', attempt: 3 },
    ]);
    expect(slept).toEqual([1000, 2000]);
  });

  it.each([
    ['nobody listened', failure('refused'), 1000],
    ['the server asked to wait', failure('http_status', { status: 429, retryAfterMs: 5000 }), 5000],
  ])('is made again whatever the tool when %s: it had no effect', async (_, error, waited) => {
    const server = createFakeServer({
      handlers: {
        order: (_args, _options, number) => {
          if (number === 1) throw error;
          return text('ordered');
        },
      },
    });
    const { end, trace, slept } = attemptRun({ server, model: modelOf([call('order')], 'Done.') });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(trace.calls).toMatchObject([{ outcome: 'ok', attempts: 2 }]);
    expect(slept).toEqual([waited]);
  });

  it('ends the run as unreachable when the server stays gone', async () => {
    const server = createFakeServer({ handlers: { find: throws(failure('refused')) } });
    const { end, trace } = attemptRun({ server, model: modelOf([call('find')]) });
    expect(await end).toMatchObject({ outcome: 'error', error: { kind: 'unreachable' } });
    expect(trace.calls).toMatchObject([{ outcome: 'transport_error', attempts: 3 }]);
    expect(server.received).toHaveLength(3);
  });

  it('ends the run as unreachable after failures in a row of calls that must not be repeated', async () => {
    const server = createFakeServer({ handlers: { order: throws(failure('unreachable')) } });
    const { end, trace } = attemptRun({ server, model: modelOf([call('order')]) });
    expect(await end).toMatchObject({ outcome: 'error', error: { kind: 'unreachable' } });
    expect(trace.calls.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
      ['transport_error', 1],
      ['transport_error', 1],
      ['transport_error', 1],
    ]);
  });

  it('ends the run when the server refuses the credentials in its middle', async () => {
    const server = createFakeServer({ handlers: { order: throws(failure('auth')) } });
    const { end } = attemptRun({ server, model: modelOf([call('order')], 'Done.') });
    expect(await end).toMatchObject({ outcome: 'error', error: { kind: 'auth' } });
  });
});

describe('a session that gets lost', () => {
  const losing = (tool: string) =>
    createFakeServer({
      handlers: {
        [tool]: (_, __, number) => {
          if (number === 1) throw failure('session_lost');
          return text('done');
        },
      },
    });

  it('is opened anew, and the call made again where it may be', async () => {
    const server = losing('find');
    const { end, trace, catalogs } = attemptRun({ server, model: modelOf([call('find')], 'Done.') });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(server.asked).toEqual([undefined, undefined]);
    expect(trace.calls).toMatchObject([{ outcome: 'ok', attempts: 2 }]);
    expect(trace.events.filter(({ type }) => type === 'connected')).toMatchObject([
      { sessionId: 'session-1', again: false },
      { sessionId: 'session-2', again: true },
    ]);
    expect(catalogs).toHaveLength(2);
  });

  it('is opened anew, and the agent told that the outcome is unknown where it may not', async () => {
    const server = losing('order');
    const model = modelOf([call('order')], [call('find')], 'Done.');
    const { end, trace } = attemptRun({ server, model });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(server.received.map(({ tool }) => tool)).toEqual(['order', 'find']);
    expect(trace.calls.map(({ outcome }) => outcome)).toEqual(['transport_error', 'ok']);
    expect(toolMessages(model.seen[1])[0]).toMatch(/unknown/);
  });

  it('leaves no call without an end when the server is gone by then', async () => {
    const server = createFakeServer({
      handlers: { find: throws(failure('session_lost')) },
      onConnect: (number) => {
        if (number > 1) throw failure('refused');
      },
    });
    const { end, trace } = attemptRun({ server, model: modelOf([call('find')], 'Done.') });
    expect(await end).toMatchObject({ outcome: 'error', error: { kind: 'unreachable' } });
    expect(trace.calls.map(({ outcome }) => outcome)).toEqual(['interrupted']);
  });
});

describe('canceling', () => {
  it('reaches the call in flight', async () => {
    const abort = new AbortController();
    const server = createFakeServer({
      handlers: {
        order: (_, options) => {
          const waiting = hang(options);
          abort.abort('ada@example.com');
          return waiting;
        },
      },
    });
    const { end, trace } = attemptRun({ server, model: modelOf([call('order')]), signal: abort.signal });
    expect(await end).toEqual({
      outcome: 'error',
      error: { kind: 'canceled', message: 'The run was canceled by ada@example.com.' },
    });
    expect(trace.calls).toMatchObject([{ outcome: 'interrupted' }]);
    expect(trace.events.at(-1)).toMatchObject({ type: 'canceled', by: 'ada@example.com' });
  });

  it('reaches the model', async () => {
    const abort = new AbortController();
    const model = modelOf(({ signal }) => {
      const waiting = hang({ signal, timeoutMs: 0 });
      abort.abort(new Error('canceled'));
      return waiting;
    });
    const { end, trace } = attemptRun({ model, signal: abort.signal });
    expect(await end).toMatchObject({ error: { kind: 'canceled' } });
    expect(trace.types()).toEqual(['connected', 'canceled']);
  });

  it('leaves no trace when the attempt has to give way', async () => {
    const abort = new AbortController();
    const trace = createMemoryTrace();
    const server = createFakeServer({
      handlers: {
        order: (_, options) => {
          const waiting = hang(options);
          abort.abort(new SupersededError('The worker stops.'));
          return waiting;
        },
      },
    });
    const { end } = attemptRun({ trace, server, model: modelOf([call('order')]), signal: abort.signal });
    await expect(end).rejects.toBeInstanceOf(SupersededError);
    expect(trace.calls).toMatchObject([{ outcome: 'started' }]);
    expect(trace.types().at(-1)).toBe('tool_call');
    expect(server.closed).toEqual([{ keepSession: true }]);
  });
});
