import { describe, expect, it } from 'vitest';
import { type Case, httpCases, type Outcome, type SseCase, sseCases } from '../../tests/support/targets/cases/index.ts';
import { setUpCases } from '../../tests/support/targets/cases/set-up.ts';
import { reachWithOlderClient } from '../../tests/support/targets/older-client.ts';
import { type Endpoint, isTargetError, type TargetFailure } from './index.ts';

const signal = new AbortController().signal;
const { cases: all, targets, toEndpoint } = setUpCases();

/** A case that hangs by design is given little time. */
const timeFor = (outcome: Outcome | undefined): number =>
  outcome?.ok === false && outcome.kind === 'timeout' ? 300 : 20_000;

function expectFailure(failure: TargetFailure, { kind, says, details = {} }: Outcome & { ok: false }): void {
  const { message, remediation } = failure;
  const text = [message, remediation, ...collectTexts(failure.details)].join('\n');
  expect(failure.kind, text).toBe(kind);
  for (const words of says) expect(text).toContain(words);
  expect(failure.details).toMatchObject(details);
}

const collectTexts = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.values(value).flatMap(collectTexts) : [String(value)];

async function expectProbe(name: string, transport: Endpoint['transport'], { probe }: Case | SseCase): Promise<void> {
  const outcome = probe ?? { ok: true };
  const result = await targets.probe(toEndpoint(name, transport), { signal, timeoutMs: timeFor(probe) });
  if (outcome.ok) expect(result).toMatchObject({ ok: true });
  else if (result.ok) expect.unreachable('the probe should have failed');
  else expectFailure(result.failure, outcome);
}

async function expectCall(name: string, transport: Endpoint['transport'], { call }: Case | SseCase): Promise<void> {
  const outcome = call ?? { ok: true };
  const target = await targets.connect(toEndpoint(name, transport), { signal, timeoutMs: 20_000 });
  try {
    const result = await target.callTool('x', {}, { signal, timeoutMs: timeFor(call) });
    expect(outcome, JSON.stringify(result).slice(0, 300)).toMatchObject({ ok: true });
    if (!outcome.ok) return;
    expect(result.isError).toBe(outcome.isError ?? false);
    if (outcome.text !== undefined) expect(result.content).toMatchObject([{ type: 'text', text: outcome.text }]);
    if (outcome.notes?.length === 0) expect(result.notes).toBeUndefined();
    for (const words of outcome.notes ?? []) expect(result.notes?.join('\n')).toContain(words);
    for (const note of result.notes ?? []) expect(note.length).toBeLessThanOrEqual(200);
    expect(result.notes?.length ?? 0).toBeLessThanOrEqual(5);
  } catch (error) {
    if (!isTargetError(error)) throw error;
    if (outcome.ok) expect.unreachable(`${error.kind}: ${error.message}`);
    else expectFailure(error, outcome);
    expect(error.details.asked).toBe('tools/call');
    expect(error.message).toContain('tools/call of x');
  } finally {
    await target.close();
  }
}

describe.each([...Object.entries(httpCases), ['an SSE server', sseCases] as const])(
  '%s',
  { timeout: 60_000 },
  (topic, cases) => {
    const transport = topic === 'an SSE server' ? 'sse' : 'streamable_http';
    describe.each(Object.entries<Case | SseCase>(cases))('%s', (name, each) => {
      it('is probed', () => expectProbe(name, transport, each));
      it.runIf(each.probe?.ok !== false)('is called', () => expectCall(name, transport, each));
    });
  },
);

describe('the older client', { timeout: 60_000 }, () => {
  const rows = [
    ...Object.entries<Case | SseCase>(all).map(([name, each]) => ({
      name,
      each,
      transport: 'streamable_http' as const,
    })),
    ...Object.entries<Case | SseCase>(sseCases).map(([name, each]) => ({ name, each, transport: 'sse' as const })),
  ];

  it.concurrent.each(rows)('with $name', async ({ name, each: { older = 'calls' }, transport }) => {
    const reached = await reachWithOlderClient(toEndpoint(name, transport), {
      listMs: older === 'fails' ? 300 : 20_000,
      callMs: older === 'calls' ? 20_000 : 300,
    });
    expect(reached).toBe(older);
  });

  const ranks = { fails: 0, lists: 1, calls: 2 };
  it.each(rows)('gets further than Armature with $name only for a reason', ({ each }) => {
    const ours = each.probe?.ok === false ? 'fails' : each.call?.ok === false ? 'lists' : 'calls';
    const isBehind = ranks[ours] < ranks[each.older ?? 'calls'];
    expect(each.clause !== undefined).toBe(isBehind);
  });
});
