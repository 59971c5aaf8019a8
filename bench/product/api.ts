/**
 * The HTTP API behind a Product MCP and behind the bare server. `node bench/product/api.ts <port> <delay in ms>`
 * answers each request after the delay, with as little work as possible.
 */
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const [port, delayMs] = process.argv.slice(2).map(Number);

const item = (id: string) => ({ id, name: `Item ${id}`, description: 'One of many.', price: 12.5, tags: ['a', 'b'] });
const list = JSON.stringify({ total: 10, items: Array.from({ length: 10 }, (_, index) => item(`item-${index}`)) });
const one = JSON.stringify(item('item-1'));

// A connection that is closed while the next request is on its way would look like an outage.
createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
  await request.toArray();
  if (delayMs) await pause(delayMs);
  response.writeHead(request.headers.authorization?.startsWith('Bearer ') ? 200 : 401, {
    'content-type': 'application/json',
  });
  response.end(request.method === 'GET' && request.url?.startsWith('/items?') ? list : one);
}).listen(port, '127.0.0.1');
