import express from 'express';
import { createKeyAuth } from '../../../api/api-key.ts';
import { listen } from '../../../api/listen.ts';
import { requestLog } from '../../../api/request-log.ts';
import { mountRest, root } from '../../../api/rest/mount.ts';
import { createDocument } from '../../../api/rest/openapi.ts';
import { routes } from '../../../api/rest/registry.ts';
import type { Deps } from '../../../services/context/context.ts';

export type RestApi = { url: string; close(): Promise<void> };

/** The REST API as the api process mounts it, without the dashboard. */
export async function startRest(deps: Deps): Promise<RestApi> {
  const app = express();
  app.use(requestLog(deps.log));
  mountRest(app, deps, createKeyAuth(deps));
  const server = await listen(app, { port: 0, host: '127.0.0.1' });
  return { url: `http://127.0.0.1:${server.port}${root}`, close: server.close };
}

export type Sent = { key?: string | null; headers?: { [name: string]: string }; body?: unknown; text?: string };

const { paths } = createDocument({ routes, url: 'http://127.0.0.1' });

/** @throws for an answer to an operation whose status is not in the OpenAPI document */
function expectDocumented(url: string, method: string, status: number): void {
  const path = new URL(url).pathname.replace(root, '');
  const route = routes.find(
    (each) => each.method === method && new RegExp(`^${each.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  );
  if (!route) return;
  const responses = paths[route.path]?.[method.toLowerCase()]?.responses;
  if (!Object.keys(Object(responses)).includes(String(status)))
    throw new Error(`${route.operationId} answered ${status}, which the OpenAPI document does not list.`);
}

/** Sends a request, and reads its answer as JSON. */
export async function send(url: string, method: string, { key = null, headers = {}, body, text }: Sent = {}) {
  const content = text ?? (body === undefined ? null : JSON.stringify(body));
  const response = await fetch(url, {
    method,
    headers: {
      ...(key !== null && { authorization: `Bearer ${key}` }),
      ...(content !== null && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: content,
  });
  expectDocumented(url, method, response.status);
  // The tests read answers of every shape, and compare them with what is expected.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  const answer: any = response.headers.get('content-type')?.startsWith('text/csv')
    ? await response.text()
    : await response.json();
  return { status: response.status, headers: response.headers, body: answer };
}
