import { describe, expect, it } from 'vitest';
import { type Target, TargetError } from '../../infra/mcp-target/index.ts';
import { createConnection } from './connection.ts';

const targetOf = (name: string, closed: string[] = []): Target => ({
  server: { name, version: '1' },
  protocolVersion: '2026-07-28',
  resumed: false,
  tools: [],
  hasResources: false,
  callTool: () => Promise.reject(new Error('not called here')),
  listResources: () => Promise.reject(new Error('not called here')),
  readResource: () => Promise.reject(new Error('not called here')),
  async close() {
    closed.push(name);
  },
});
const refused = () => new TargetError('refused', 'Nobody listens.');
const signal = new AbortController().signal;

describe('a session', () => {
  it('is one connection for all who ask, and closes each that was opened', async () => {
    let connects = 0;
    const closed: string[] = [];
    const session = createConnection(async () => targetOf(String(++connects), closed), signal);
    const [one, other] = await Promise.all([session.target(), session.target()]);
    expect(one).toBe(other);
    session.discard(one);
    expect((await session.target()).server.name).toBe('2');
    expect(closed).toEqual([]);
    await session.close();
    expect(closed.sort()).toEqual(['1', '2']);
  });

  it('connects once anew, however many calls of the broken connection fail, and however late', async () => {
    const waiting: ((target: Target) => void)[] = [];
    const session = createConnection(() => new Promise<Target>((resolve) => waiting.push(resolve)), signal);
    const opening = session.target();
    waiting[0]?.(targetOf('first'));
    const first = await opening;
    session.discard(first);
    const again = session.target();
    // While the next one is opened, and once it is.
    session.discard(first);
    expect(session.target()).toBe(again);
    waiting[1]?.(targetOf('second'));
    const second = await again;
    session.discard(first);
    expect(await session.target()).toBe(second);
    session.discard(second);
    expect(session.target()).not.toBe(again);
    expect(waiting).toHaveLength(3);
  });

  it('asks a server that it never reached twice, and one that was there until it is back', async () => {
    let connects = 0;
    const dead = createConnection(() => {
      connects += 1;
      return Promise.reject(refused());
    }, signal);
    await expect(dead.target()).rejects.toThrow('Nobody listens.');
    await expect(dead.target()).rejects.toThrow('Nobody listens.');
    expect(connects).toBe(2);

    const answers = [targetOf('before'), refused(), refused(), targetOf('after')];
    const back = createConnection(async () => {
      const answer = answers.shift() ?? refused();
      if (answer instanceof TargetError) throw answer;
      return answer;
    }, signal);
    back.discard(await back.target());
    expect((await back.target()).server.name).toBe('after');
  });

  it('does not ask again what did not answer in time', async () => {
    let connects = 0;
    const session = createConnection(() => {
      connects += 1;
      return Promise.reject(new TargetError('timeout', 'Too late.'));
    }, signal);
    await expect(session.target()).rejects.toThrow('Too late.');
    expect(connects).toBe(1);
  });
});
