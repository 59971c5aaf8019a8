import { describe, expect, it } from 'vitest';
import type { ToolResult } from '../../domain/run/run.ts';
import { type Target, TargetError } from '../../infra/mcp-target/index.ts';
import { callTool } from './call.ts';
import { createConnection } from './connection.ts';

const deps = { outputSchemas: { check: () => null } };
const { signal } = new AbortController();
const call = { tool: 'x', arguments: {}, timeoutMs: 1000, signal, outputSchema: null };
const done: ToolResult = { content: [{ type: 'text', text: 'done' }], isError: false };
const lostBy404 = () =>
  new TargetError('session_lost', 'The session is gone.', { details: { status: 404, hadNoEffect: true } });

/** A connection whose sessions answer a call each as given. */
function connectionOf(...answers: (ToolResult | TargetError)[]) {
  const closed: number[] = [];
  let sessions = 0;
  const connection = createConnection(async (): Promise<Target> => {
    const session = sessions++;
    const answer = answers[session];
    return {
      server: { name: 'shop', version: '1' },
      protocolVersion: '2025-11-25',
      resumed: false,
      tools: [],
      hasResources: false,
      async callTool() {
        if (answer === undefined || answer instanceof TargetError) throw answer ?? new Error('called too often');
        return answer;
      },
      listResources: () => Promise.reject(new Error('not called here')),
      readResource: () => Promise.reject(new Error('not called here')),
      async close() {
        closed.push(session);
      },
    };
  }, signal);
  return { connection, closed };
}

describe('a call', () => {
  it('is sent once more in a new session when a 404 ended the first', async () => {
    const { connection, closed } = connectionOf(lostBy404(), done);
    const called = await callTool(deps, connection, call);
    expect(called).toMatchObject({ attempts: 2, error: null, result: { kind: 'answer', result: done } });
    await connection.close();
    expect(closed).toEqual([0, 1]);
  });

  it('is sent twice at most', async () => {
    const { connection } = connectionOf(lostBy404(), lostBy404(), done);
    const called = await callTool(deps, connection, call);
    expect(called).toMatchObject({ attempts: 2, result: { kind: 'error', errorKind: 'http_status' } });
  });

  it.each([
    ['a stream that ended', new TargetError('session_lost', 'The event stream ended.')],
    ['another failure', new TargetError('unreachable', 'Nothing came.')],
  ])('is not sent again after %s: the server may have carried it out', async (_, failure) => {
    const { connection } = connectionOf(failure, done);
    const called = await callTool(deps, connection, call);
    expect(called).toMatchObject({ attempts: 1, error: failure, result: { kind: 'error', errorKind: 'unreachable' } });
  });

  it.each([
    ['the first session', [new TargetError('unreachable', 'Nothing came.'), done]],
    ['the session after a 404', [lostBy404(), new TargetError('unreachable', 'Nothing came.'), done]],
  ])('leaves no broken connection to the next call: %s', async (_, answers) => {
    const { connection } = connectionOf(...answers);
    expect((await callTool(deps, connection, call)).error).toMatchObject({ kind: 'unreachable' });
    expect(await callTool(deps, connection, call)).toMatchObject({ error: null, result: { result: done } });
  });
});
