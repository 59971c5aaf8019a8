import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SupersededError } from '../../../agent/ports.ts';
import type { TraceEvent } from '../../../domain/run/run.ts';
import { type TestDeps, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { newId } from '../../context/ids.ts';
import { toJson } from '../../context/use-case.ts';
import { readRun } from '../reading/load.ts';
import { createRecorder } from './recorder.ts';
import { loadEvents } from './transcript.ts';

const heartbeatSeconds = 10;
const call = { index: 0, turn: 1, tool: 'create_order', arguments: { sku: 'MUG-001' }, attempts: 1 };
const result = { content: [{ type: 'text', text: 'done' }], isError: false };

describe('createRecorder', () => {
  let test: TestDeps;
  let orgId: string;
  let ids: { serverId: string; workflowId: string; versionId: string };
  let runId: string;

  beforeAll(async () => {
    test = await testDeps();
    ({ orgId } = await testOrg(test.deps));
    ids = { serverId: newId(), workflowId: newId(), versionId: newId() };
    const { db } = test.deps;
    const { serverId, workflowId, versionId } = ids;
    await db.server.create({
      data: { id: serverId, orgId, name: 'S', transport: 'streamable_http', url: 'https://s.test' },
    });
    await db.workflow.create({ data: { id: workflowId, orgId, serverId, name: 'W', activeVersionId: versionId } });
    await db.workflowVersion.create({
      data: { id: versionId, orgId, workflowId, number: 1, definition: toJson({}), createdBy: 'test' },
    });
  });
  afterAll(() => test?.close());
  beforeEach(async () => {
    runId = newId();
    await test.deps.db.run.create({
      data: {
        id: runId,
        orgId,
        ...ids,
        model: 'm',
        trigger: 'manual',
        status: 'running',
        fence: 1,
        actorKind: 'system',
        actorId: 't',
      },
    });
  });

  const recorder = (changes: Partial<Parameters<typeof createRecorder>[1]> = {}) =>
    createRecorder(test.deps, {
      orgId,
      runId,
      fence: 1,
      heartbeatSeconds,
      storeResults: true,
      since: performance.now(),
      ...changes,
    });
  const overtake = () => test.deps.db.run.update({ where: { id: runId }, data: { fence: 2 } });
  const types = async () =>
    (await test.deps.db.traceEvent.findMany({ where: { runId }, orderBy: { seq: 'asc' } })).map(({ type }) => type);

  it('numbers events without a gap, also when they are appended at once and by a later attempt', async () => {
    const first = recorder();
    await Promise.all(Array.from({ length: 5 }, () => first.append({ type: 'resumed', attempt: 2 })));
    await overtake();
    const second = recorder({ fence: 2 });
    expect((await second.append({ type: 'final_answer', content: 'x' })).seq).toBe(5);
    expect((await second.load()).events.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps names of offered tools once, and gives them to every reader', async () => {
    const { db } = test.deps;
    const offered = ['search', 'a\u0000b'];
    const connected = { type: 'connected' as const, server: { name: 'S', version: '1' }, protocolVersion: '1' };
    const writer = recorder();
    await writer.append({ ...connected, offered, again: false });
    await writer.append({ ...connected, offered, again: true });
    await writer.append({ ...connected, offered: [], again: true });
    expect(await db.offeredTools.count({ where: { orgId } })).toBe(2);
    // As versions before wrote it.
    const data = { server: connected.server, protocolVersion: '1', offered: ['old'], again: true };
    await db.traceEvent.create({ data: { orgId, runId, seq: 3, type: 'connected', at: new Date(), data } });
    const names = [['search', 'a\ufffdb'], ['search', 'a\ufffdb'], [], ['old']];
    const offers = (events: readonly TraceEvent[]) => {
      expect(events.some((event) => 'offeredHash' in event)).toBe(false);
      return events.map((event) => event.type === 'connected' && event.offered);
    };
    expect(offers((await writer.load()).events)).toEqual(names);
    expect(offers(await loadEvents(db, { orgId, runId, afterSeq: 1, take: 2 }))).toEqual(names.slice(2));
    expect(offers((await readRun(db, { orgId, runId })).events)).toEqual(names);
  });

  it('lets an attempt that was overtaken write nothing, whatever it tries', async () => {
    const old = recorder();
    await old.startCall(call);
    await overtake();
    const writes = [
      (late: ReturnType<typeof recorder>) => late.append({ type: 'final_answer', content: 'late' }),
      (late: ReturnType<typeof recorder>) => late.finishCall(0, { outcome: 'ok', result }),
      (late: ReturnType<typeof recorder>) => late.startCall({ ...call, index: 1 }),
      (late: ReturnType<typeof recorder>) => late.refuseCall({ ...call, index: 2, outcome: 'blocked', error: 'no' }),
      (late: ReturnType<typeof recorder>) => late.catalog('hash'),
    ];
    for (const write of writes) await expect(write(recorder())).rejects.toThrow(SupersededError);
    expect(() => old.assertCurrent()).not.toThrow();
    await expect(old.append({ type: 'final_answer', content: 'late' })).rejects.toThrow(SupersededError);
    expect(() => old.assertCurrent()).toThrow(SupersededError);
    expect(await types()).toEqual(['tool_call']);
    expect(await test.deps.db.toolCall.findMany({ where: { runId }, select: { index: true, outcome: true } })).toEqual([
      { index: 0, outcome: 'started' },
    ]);
  });

  it('lets an attempt send nothing once its lease has run out, until it is proven current again', async () => {
    const late = recorder({ since: performance.now() - heartbeatSeconds * 1000 * 0.81 });
    expect(() => late.assertCurrent()).toThrow(SupersededError);
    late.renew(performance.now());
    expect(() => late.assertCurrent()).not.toThrow();
    const writer = recorder({ since: performance.now() - heartbeatSeconds * 1000 });
    await writer.append({ type: 'resumed', attempt: 2 });
    expect(() => writer.assertCurrent()).not.toThrow();
    writer.supersede('the worker stops');
    expect(() => writer.assertCurrent()).toThrow('the worker stops');
    await expect(writer.append({ type: 'resumed', attempt: 3 })).rejects.toThrow('the worker stops');
  });

  it('settles a call once and raises the attempts of a repeated intent without telling it twice', async () => {
    const one = recorder();
    await one.startCall(call);
    await one.startCall({ ...call, attempts: 2 });
    await one.finishCall(0, { outcome: 'ok', result, latencyMs: 12.4 });
    await one.finishCall(0, { outcome: 'interrupted', error: 'late' });
    expect(await types()).toEqual(['tool_call', 'tool_result']);
    const { calls } = await one.load();
    expect(calls).toEqual([
      { ...call, attempts: 2, outcome: 'ok', result, latencyMs: 12, startedAt: expect.any(String) },
    ]);
    await one.append({ type: 'final_answer', content: 'x' });
  });

  it('records a refused call with its violation', async () => {
    const one = recorder();
    await one.refuseCall({ ...call, outcome: 'blocked', error: 'not this one' });
    const { calls, events } = await one.load();
    expect(calls[0]).toMatchObject({ outcome: 'blocked', error: 'not this one' });
    expect(events[0]).toMatchObject({ type: 'policy_violation', index: 0, verdict: 'blocked' });
  });

  it('replaces what Postgres can not store, and keeps what is named like a credential: it is data of the test', async () => {
    const one = recorder();
    await one.append({ type: 'final_answer', content: 'a\u0000b' });
    await one.startCall({ ...call, arguments: { password: 'x', note: 'a\ud800b' } });
    await one.finishCall(0, { outcome: 'rpc_error', error: 'no\u0000 here' });
    const { calls, events } = await recorder().load();
    expect(events[0]).toMatchObject({ content: 'a\ufffdb' });
    expect(calls[0]).toMatchObject({ arguments: { password: 'x', note: 'a\ufffdb' }, error: 'no\ufffd here' });
  });

  it('seals results that are not to be stored, so that a later attempt can still go on from them', async () => {
    const one = recorder({ storeResults: false });
    await one.startCall(call);
    await one.finishCall(0, { outcome: 'ok', result });
    const row = await test.deps.db.toolCall.findFirstOrThrow({ where: { runId } });
    expect(row.result).toBeNull();
    expect(row.resultBytes).toBe(JSON.stringify(result).length);
    expect(Buffer.from(row.sealedResult ?? '').toString('latin1')).not.toContain('done');
    expect((await recorder().load()).calls[0]?.result).toEqual(result);
  });
});
