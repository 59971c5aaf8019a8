import { describe, expect, it } from 'vitest';
import { endpoint } from '../../tests/support/targets/harness.ts';
import { TargetError, type TargetErrorKind } from './index.ts';
import { type Attempt, nextStart, reportedFailure, timeFor } from './starts.ts';

const http = endpoint('https://shop.example.com/mcp');
const sse = endpoint('https://shop.example.com/sse', { transport: 'sse' });
const discover = { how: 'discover', isStored: false } as const;
const initialize = { how: 'initialize' } as const;
const resume = { how: 'resume', sessionId: 's' } as const;
const failed = (start: Attempt['start'], kind: TargetErrorKind = 'http_status', isMcp = false): Attempt => ({
  start,
  error: new TargetError(kind, `${start.how} failed`),
  isMcp,
});

const contradicting: Attempt = {
  start: discover,
  error: new TargetError('protocol_error', 'Unsupported', { details: { supportsNewest: true } }),
  isMcp: false,
};

describe('what is tried next', () => {
  it.each<[string, Parameters<typeof nextStart>, string | null]>([
    ['of a new server: the newer era', [http, {}, []], 'discover'],
    ['after any failure: the older era', [http, {}, [failed(discover, 'auth')]], 'initialize'],
    ['after a discovery whose tools failed', [http, {}, [failed(discover, 'rpc_error', true)]], 'initialize'],
    ['after a refusal of what it supports', [http, {}, [contradicting]], 'discover'],
    ['after two of them', [http, {}, [contradicting, contradicting]], 'initialize'],
    ['after both', [http, {}, [failed(discover), failed(initialize)]], null],
    ['after a question that took too long', [http, {}, [failed(discover, 'timeout'), failed(initialize)]], 'discover'],
    ['after silence', [http, {}, [failed(discover, 'timeout'), failed(initialize, 'timeout')]], null],
    ['after a refused connection', [http, {}, [failed(discover, 'refused')]], null],
    ['after an unknown name', [http, {}, [failed(discover, 'dns')]], null],
    ['after a failed TLS handshake', [http, {}, [failed(discover, 'tls')]], null],
    ['after a blocked address', [http, {}, [failed(discover, 'blocked')]], null],
    ['of a known session: that session', [http, { sessionId: 's' }, []], 'resume'],
    ['after a lost session', [http, { sessionId: 's', protocolVersion: '2025-06-18' }, [failed(resume)]], 'initialize'],
    ['of a stored older revision', [http, { protocolVersion: '2025-06-18' }, []], 'initialize'],
    ['after it', [http, { protocolVersion: '2025-06-18' }, [failed(initialize)]], 'discover'],
    [
      'after an older server whose tools failed',
      [http, {}, [failed(discover), failed(initialize, 'rpc_error', true)]],
      null,
    ],
    ['of a stored newer revision', [http, { protocolVersion: '2026-07-28' }, []], 'discover'],
    ['over SSE', [sse, { protocolVersion: '2026-07-28', sessionId: 's' }, []], 'initialize'],
    ['after SSE', [sse, {}, [failed(initialize)]], null],
  ])('%s', (_, given, expected) => {
    expect(nextStart(...given)?.how ?? null).toBe(expected);
  });

  it('gets all of the time that is left, unless something may follow', () => {
    expect(timeFor(discover, [], 30_000)).toBe(3000);
    expect(timeFor(discover, [], 10_000)).toBe(1000);
    expect(timeFor(initialize, [failed(discover)], 27_000)).toBe(27_000);
    expect(timeFor(discover, [failed(discover, 'timeout'), failed(initialize)], 9000)).toBe(9000);
    expect(timeFor(resume, [], 30_000)).toBe(15_000);
  });

  it.each<[string, Attempt[], string]>([
    ['that of initialize', [failed(discover), failed(initialize)], 'initialize failed'],
    [
      'that of a server that had answered',
      [failed(discover, 'rpc_error', true), failed(initialize)],
      'discover failed',
    ],
    ['that of initialize, whatever came first', [failed(initialize), failed(discover)], 'initialize failed'],
    ['the only one', [failed(discover, 'dns')], 'discover failed'],
  ])('fails with %s', (_, attempts, message) => {
    expect(reportedFailure(attempts)?.message).toBe(message);
  });
});
