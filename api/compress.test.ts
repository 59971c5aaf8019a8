import { get, type IncomingMessage } from 'node:http';
import { brotliDecompressSync, createBrotliDecompress, gunzipSync } from 'node:zlib';
import { writeReadableStreamToWritable } from '@react-router/node';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../tests/support/browser/app.ts';
import { signUp, type Workspace } from '../tests/support/browser/workspace.ts';
import { compress } from './compress.ts';
import { listen } from './listen.ts';

let app: TestApp;
let workspace: Workspace;
beforeAll(async () => {
  app = await startApp({ env: { ARMATURE_OPEN_SIGNUP: 'true' } });
  workspace = await signUp(app);
});
afterAll(() => app?.close());

const request = (url: string, headers: Record<string, string>): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => void get(url, { headers }, resolve).on('error', reject));

async function load(path: string, headers: Record<string, string>) {
  const response = await request(`${app.url}${path}`, headers);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { encoding: response.headers['content-encoding'], headers: response.headers, body: Buffer.concat(chunks) };
}

const decode = { br: brotliDecompressSync, gzip: gunzipSync };

describe('answers', () => {
  it.each([
    ['a page', '/o/:org/servers/new', /<!DOCTYPE html>/],
    ['the data of a page', '/o/:org/servers/new.data', /organizations/],
    ['JSON', '/api/armature/v1/openapi.json', /"openapi"/],
  ])('compress %s as the client asks for', async (_, route, content) => {
    const path = route.replace(':org', workspace.slug);
    const { cookie } = workspace;
    const plain = await load(path, { cookie });
    expect(plain.encoding).toBeUndefined();
    for (const [accepted, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
    ] as const) {
      const answer = await load(path, { cookie, 'accept-encoding': accepted });
      expect(answer.encoding).toBe(encoding);
      expect(answer.headers.vary).toContain('Accept-Encoding');
      expect(decode[encoding](answer.body).toString()).toMatch(content);
      expect(answer.body.length).toBeLessThan(plain.body.length);
    }
  });

  it('leave small ones, and what another site requests, as they are', async () => {
    expect((await load('/healthz', { 'accept-encoding': 'br' })).encoding).toBeUndefined();
    for (const site of ['cross-site', 'same-site'])
      expect((await load('/sign-in', { 'accept-encoding': 'br', 'sec-fetch-site': site })).encoding).toBeUndefined();
    for (const site of ['same-origin', 'none'])
      expect((await load('/sign-in', { 'accept-encoding': 'br', 'sec-fetch-site': site })).encoding).toBe('br');
  });

  it('leave the stream of changes as it is', async () => {
    const headers = { 'accept-encoding': 'br', cookie: workspace.cookie };
    const response = await request(`${app.url}/o/${workspace.slug}/live`, headers);
    expect(response.headers['content-encoding']).toBeUndefined();
    const [first] = await response.take(1).toArray();
    expect(String(first)).toContain('retry:');
  });
});

it('assets are sent as the build compressed them, to be kept for ever', async () => {
  const page = await load('/sign-in', {});
  const asset = /"(\/assets\/[^"]+\.js)"/.exec(page.body.toString())?.[1] ?? '';
  const plain = await load(asset, {});
  for (const encoding of ['br', 'gzip'] as const) {
    const sent = await load(asset, { 'accept-encoding': encoding });
    expect(sent.encoding).toBe(encoding);
    expect(decode[encoding](sent.body)).toEqual(plain.body);
    expect(sent.headers['cache-control']).toBe('public,max-age=31536000,immutable');
    expect(sent.headers.vary).toContain('Accept-Encoding');
  }
  expect((await load('/assets/unknown.js', {})).headers['cache-control']).toBeUndefined();
});

it('a page is kept by no cache, only for a moment by a browser that loads it early', async () => {
  const path = `/o/${workspace.slug}/servers/new.data`;
  const { cookie } = workspace;
  expect((await load(path, { cookie })).headers['cache-control']).toBe('no-store');
  const { headers } = await load(path, { cookie, 'sec-purpose': 'prefetch' });
  expect(headers['cache-control']).toBe('private, max-age=10');
  expect(headers.vary).toContain('Cookie');
});

it('a page that streams is sent part by part', async () => {
  const second = Promise.withResolvers<void>();
  const page = new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode('<p>first</p>'));
      await second.promise;
      controller.enqueue(new TextEncoder().encode('<p>second</p>'));
      controller.close();
    },
  });
  const streaming = express().use(compress(), async (_request, response) => {
    response.type('html');
    await writeReadableStreamToWritable(page, response);
  });
  const { port, close } = await listen(streaming, { port: 0, host: '127.0.0.1' });
  const response = await request(`http://127.0.0.1:${port}/`, { 'accept-encoding': 'br' });
  let text = '';
  for await (const part of response.pipe(createBrotliDecompress())) {
    text += part;
    // Only what has arrived lets the rest follow.
    if (text.includes('first')) second.resolve();
  }
  expect(text).toBe('<p>first</p><p>second</p>');
  await close();
});
