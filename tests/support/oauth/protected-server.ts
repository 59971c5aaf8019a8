import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { type ShopServer, startShopServer } from '../../../examples/shop-server/index.ts';
import { type Listening, listen } from '../targets/http.ts';
import type { TestProvider } from './provider.ts';

export type ProtectedOptions = {
  /** Changes the metadata of the protected resource. */
  metadata?: (document: { [member: string]: unknown }) => { [member: string]: unknown };
  /** The challenge's parameters. @default the address of the metadata, and the scope */
  challenge?: (origin: string) => string;
  /** The scopes that a request needs. @default tools */
  scope?: (body: string) => string;
};

export type ProtectedServer = Listening & {
  url: string;
  shop: ShopServer;
  /** Requests to the endpoint, by the status that they got. */
  statuses: number[];
};

/** The example shop behind the tokens of an authorization server. */
export async function startProtectedServer(
  provider: Pick<TestProvider, 'issuer' | 'accepts'>,
  options: ProtectedOptions = {},
): Promise<ProtectedServer> {
  const shop = await startShopServer();
  const statuses: number[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const listening = await listen(server);
  const { origin } = listening;
  const resource = `${origin}/mcp`;
  const metadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
  const challenge = options.challenge?.(origin) ?? `resource_metadata="${metadataUrl}", scope="tools"`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === '/.well-known/oauth-protected-resource/mcp') {
      const document = { resource, authorization_servers: [provider.issuer], scopes_supported: ['tools'] };
      const text = JSON.stringify(options.metadata?.(document) ?? document);
      return void response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    }
    if (request.url !== '/mcp') return void response.writeHead(404).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const accepted = token === undefined ? null : await provider.accepts(token, resource);
    const refuse = (status: number, parameters: string): void => {
      statuses.push(status);
      response.writeHead(status, { 'www-authenticate': `Bearer ${parameters}` }).end();
    };
    if (!accepted) return refuse(401, token === undefined ? challenge : `error="invalid_token", ${challenge}`);
    const needed = options.scope?.(body.toString()) ?? 'tools';
    if (!needed.split(' ').every((scope) => accepted.scopes.includes(scope)))
      return refuse(403, `error="insufficient_scope", scope="${needed}"`);
    statuses.push(200);
    const { authorization: _, host: __, ...headers } = request.headers;
    const forwarded = send(shop.url, { method: request.method ?? 'GET', headers }, (inner) => {
      response.writeHead(inner.statusCode ?? 500, inner.headers);
      inner.pipe(response);
    });
    forwarded.once('error', () => response.destroy());
    response.once('close', () => forwarded.destroy());
    forwarded.end(body);
  }

  return {
    ...listening,
    url: resource,
    shop,
    statuses,
    async close() {
      await listening.close();
      await shop.close();
    },
  };
}
