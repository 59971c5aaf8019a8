import express from 'express';
import { describe, expect, it } from 'vitest';
import { createLogger } from '../infra/logger/index.ts';
import { listen } from './listen.ts';
import { readNetwork, warnOfUntrustedProxies } from './visit.ts';

/** The network of a request from this machine, with these headers, where these proxies are trusted. */
async function networkOf(trusted: string[], headers: Record<string, string>): Promise<unknown> {
  const app = express();
  app.set('trust proxy', trusted.length > 0 ? trusted : false);
  app.get('/', (request, response) => {
    response.json(readNetwork(request));
  });
  const { port, close } = await listen(app, { port: 0, host: '127.0.0.1' });
  try {
    return await (await fetch(`http://127.0.0.1:${port}/`, { headers })).json();
  } finally {
    await close();
  }
}

describe('the network of a request', () => {
  it.each([
    ['is what a trusted proxy reports', ['127.0.0.1'], '203.0.113.7', '203.0.113.7'],
    ['is the /64 of an IPv6 address', ['127.0.0.1'], '2001:db8:1:2::3', '2001:db8:1:2::/64'],
    [
      'is the address next to the proxy, whatever the client claims',
      ['127.0.0.1'],
      '1.2.3.4, 203.0.113.7',
      '203.0.113.7',
    ],
    ['is a private one where a trusted proxy reports it', ['127.0.0.1'], '192.168.1.7', '192.168.1.7'],
    ['is not known from a private address without a trusted proxy', [], '203.0.113.7', null],
    ['is not known where a trusted proxy reports nothing', ['127.0.0.1'], '', null],
  ])('%s', async (_, trusted, forwardedFor, network) => {
    expect(await networkOf(trusted, forwardedFor ? { 'x-forwarded-for': forwardedFor } : {})).toBe(network);
  });
});

describe('the warning of an untrusted proxy', () => {
  it.each([
    ['npm start', { host: '127.0.0.1', url: 'http://localhost:3000', trustedProxies: [] }, 0],
    ['a proxy on this machine', { host: '127.0.0.1', url: 'https://armature.example.com', trustedProxies: [] }, 1],
    ['a container', { host: '0.0.0.0', url: 'http://localhost:3000', trustedProxies: [] }, 1],
    ['a trusted proxy', { host: '0.0.0.0', url: 'https://armature.example.com', trustedProxies: ['10.0.0.1'] }, 0],
  ])('for %s', (_, settings, count) => {
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', process: 'test', to: { write: (line) => void lines.push(line) } });
    warnOfUntrustedProxies(settings, log);
    expect(lines).toHaveLength(count);
  });
});
