import { type Scripted, startScripted } from './scripted.ts';

/**
 * A server of revision 2025-11-25 whose tools fail in every way, by name. A name may go on after a dot, so that there
 * are many of a kind: `hang.17`. What it doesn't know answers at once with its own name.
 */
export async function startFaulty(): Promise<
  Scripted & {
    /** Calls by tool. */
    calls: Map<string, number>;
    /** Tools by name that answer after so many ms. */
    slow: Map<string, number>;
    /** Calls that are open now, and most that were. */
    open: { now: number; most: number };
  }
> {
  const calls = new Map<string, number>();
  const slow = new Map<string, number>();
  const open = { now: 0, most: 0 };
  const server = await startScripted({
    'tools/call': ({ params, id }, response, request) => {
      const tool = String(params?.name);
      calls.set(tool, (calls.get(tool) ?? 0) + 1);
      open.now += 1;
      open.most = Math.max(open.most, open.now);
      response.once('close', () => {
        open.now -= 1;
      });
      const text = (content: string, rest: object = {}) => ({
        result: { content: [{ type: 'text', text: content }], ...rest },
      });
      switch (tool.split('.')[0]) {
        case 'hang':
          return undefined;
        case 'fail':
          return text('No luck today.', { isError: true });
        case 'crash':
          request.socket.destroy();
          return undefined;
        case 'status':
          response.writeHead(Number(tool.split('.')[1])).end('Not now.');
          return undefined;
        case 'unknown':
          return { error: { code: -32602, message: `Unknown tool ${tool}` } };
        case 'malformed':
          return { result: { content: 'no list' } };
        case 'html':
          response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>It works!</h1>');
          return undefined;
        case 'huge':
          return text('x'.repeat(9_000_000));
        case 'slow': {
          const ms = slow.get(tool) ?? Number(tool.split('.')[1]);
          setTimeout(() => {
            response.writeHead(200, { 'content-type': 'application/json' });
            response.end(JSON.stringify({ jsonrpc: '2.0', id, ...text(tool) }));
          }, ms);
          return undefined;
        }
        case 'echo':
          return text(JSON.stringify(params?.arguments), { structuredContent: params?.arguments });
        default:
          return text(tool);
      }
    },
  });
  return { ...server, calls, slow, open };
}
