import { describe, expect, it } from 'vitest';
import { attemptRun, call, modelOf } from '../tests/support/agent/attempt.ts';
import { type Case, httpCases, type Outcome, type SseCase, sseCases } from '../tests/support/targets/cases/index.ts';
import { setUpCases } from '../tests/support/targets/cases/set-up.ts';
import type { ConnectTarget } from './ports.ts';

const { cases, targets, toEndpoint } = setUpCases();

const connectTo =
  (name: string, timeoutMs = 10_000): ConnectTarget =>
  ({ sessionId, signal }) =>
    targets.connect(toEndpoint(name), { signal, timeoutMs, ...(sessionId !== undefined && { sessionId }) });

function toCallOutcome(outcome: Outcome): string {
  if (outcome.ok) return outcome.isError ? 'tool_error' : 'ok';
  return outcome.kind === 'rpc_error' || outcome.kind === 'timeout' ? outcome.kind : 'transport_error';
}

// A run calls tools that are in the catalog; catalogs have their own tests.
const rows = Object.entries<Case | SseCase>({ ...cases, ...sseCases }).filter(
  ([name]) => !(name in (httpCases['a catalog'] ?? {})),
);

describe('a run against a server', { timeout: 60_000 }, () => {
  it.each(rows.filter(([, { probe }]) => probe?.ok === false))('ends in an error with %s', async (name, { probe }) => {
    const hangs = probe?.ok === false && probe.kind === 'timeout';
    const { end } = attemptRun({ connect: connectTo(name, hangs ? 300 : 10_000), retryPolicy: { attempts: 1 } });
    expect(await end).toMatchObject({ outcome: 'error' });
  });

  it.each(rows.filter(([, { probe }]) => probe?.ok !== false))('records the call of %s', async (name, each) => {
    const outcome = each.call ?? { ok: true };
    const model = modelOf([call('x')], 'Done.');
    const limits = { toolCallSeconds: !outcome.ok && outcome.kind === 'timeout' ? 1 : 20 };
    const { end, trace } = attemptRun({ model, connect: connectTo(name), limits });
    const ended = await end;
    const isSignedOut = !outcome.ok && outcome.kind === 'auth' && outcome.says.includes('401');
    if (!isSignedOut) expect(ended).toEqual({ outcome: 'completed' });
    expect(trace.calls).toMatchObject([{ outcome: toCallOutcome(outcome) }]);
    const [made] = trace.calls;
    if (outcome.ok) for (const words of outcome.notes ?? []) expect(made?.result?.notes?.join('\n')).toContain(words);
    else for (const words of outcome.says) expect(made?.error).toContain(words);
  });

  it('renews a session that a 404 ended, and sends the call once more', async () => {
    const model = modelOf(
      [call('x', { n: 1 }), call('x', { n: 2 }), call('x', { n: 3 }), call('x', { n: 4 })],
      'Done.',
    );
    const connect = connectTo('session-lost-after-3');
    const { end, trace } = attemptRun({ model, connect, retryPolicy: { attempts: 1 } });
    expect(await end).toEqual({ outcome: 'completed' });
    expect(trace.calls.map(({ outcome, attempts }) => [outcome, attempts])).toEqual([
      ['ok', 1],
      ['ok', 1],
      ['ok', 2],
      ['ok', 1],
    ]);
  });
});
