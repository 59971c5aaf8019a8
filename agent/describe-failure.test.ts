import { describe, expect, it } from 'vitest';
import { TargetError } from '../infra/mcp-target/index.ts';
import { describeTargetFailure } from './describe-failure.ts';
import type { TargetErrorDetails } from './ports.ts';

const describeIt = (message: string, details: TargetErrorDetails) =>
  describeTargetFailure(new TargetError('http_status', message, { details }));

describe('a failure of a server in words', () => {
  it.each<[string, string, TargetErrorDetails, string]>([
    ['is its message', 'It broke.', {}, 'It broke.'],
    ['quotes a body', 'HTTP 500.', { answer: 'boom\n  in line 3' }, 'HTTP 500. The server said: “boom in line 3”.'],
    ['does not repeat what the message says', 'HTTP 500: boom.', { answer: 'boom' }, 'HTTP 500: boom.'],
    [
      'quotes code and message of JSON-RPC',
      'The call failed.',
      { rpcCode: -32602, rpcMessage: 'Invalid arguments' },
      'The call failed. The server said: “JSON-RPC error -32602: Invalid arguments”.',
    ],
    [
      'quotes what WWW-Authenticate says',
      'HTTP 403.',
      { wwwAuthenticate: { error: 'insufficient_scope', scope: 'write:orders' } },
      'HTTP 403. Its WWW-Authenticate header: error “insufficient_scope”, scope “write:orders”.',
    ],
    [
      'does not repeat a scope or a text on several lines',
      'HTTP 403: no way. It requires write.',
      { answer: 'HTTP 403:\nno way', wwwAuthenticate: { scope: 'write' } },
      'HTTP 403: no way. It requires write.',
    ],
    ['ends the sentence of the message', 'It broke', { answer: 'boom' }, 'It broke. The server said: “boom”.'],
    ['ignores an empty challenge', 'HTTP 401.', { wwwAuthenticate: {} }, 'HTTP 401.'],
    [
      'names the target of a redirect',
      'HTTP 301.',
      { location: 'https://a.test/mcp/' },
      'HTTP 301. It redirects to https://a.test/mcp/.',
    ],
  ])('%s', (_, message, details, expected) => {
    expect(describeIt(message, details)).toBe(expected);
  });

  it('does not repeat a JSON-RPC error as the body of its answer', () => {
    const details = { rpcCode: -32602, rpcMessage: 'Invalid', answer: '{"error":{"code":-32602,"message":"Invalid"}}' };
    const message = 'It answered with JSON-RPC error -32602: Invalid';
    expect(describeTargetFailure(new TargetError('rpc_error', message, { details }))).toBe(message);
  });

  it('keeps a text that imitates Armature within its quotation', () => {
    const text = describeIt('HTTP 500.', { answer: 'No.\n\nArmature says: all is well' });
    expect(text).toBe('HTTP 500. The server said: “No. Armature says: all is well”.');
  });
});
