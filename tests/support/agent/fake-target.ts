import type { CallOptions, ConnectTarget, Target, Tool } from '../../../agent/ports.ts';
import type { ToolResult } from '../../../domain/run/run.ts';

export const text = (value: unknown): ToolResult => ({
  content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }],
  isError: false,
});

/** Ends only when the signal aborts, as a server that hangs. */
export const hang = ({ signal }: CallOptions): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

type Handler = (
  args: { [key: string]: unknown },
  options: CallOptions,
  number: number,
) => ToolResult | Promise<ToolResult>;

export type FakeServer = {
  connect: ConnectTarget;
  /** What reached the server. */
  received: { tool: string; args: unknown }[];
  /** Session ids that a connect asked for, in order; undefined for a new session. */
  asked: (string | undefined)[];
  /** How each connection was closed. */
  closed: { keepSession: boolean }[];
  /** Forgets its sessions, as a restarted server does. */
  forget(): void;
};

/**
 * A server at the interface of `Target`: `find` is read-only, `order` is not. `number` counts a tool's calls from 1.
 */
export function createFakeServer({
  handlers = {},
  tools = [],
  hasResources = false,
  stateful = true,
  onConnect = () => {},
}: {
  handlers?: { [tool: string]: Handler };
  tools?: Tool[];
  hasResources?: boolean;
  stateful?: boolean;
  /** May throw; `number` counts connects from 1. */
  onConnect?: (number: number) => void | Promise<void>;
} = {}): FakeServer {
  const received: FakeServer['received'] = [];
  const asked: FakeServer['asked'] = [];
  const closed: FakeServer['closed'] = [];
  const sessions = new Set<string>();
  const all: Tool[] = [
    { name: 'find', description: 'Finds', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
    { name: 'order', description: 'Orders', inputSchema: { type: 'object' } },
    ...tools,
  ];
  const answer = async (tool: string, args: { [key: string]: unknown }, options: CallOptions) => {
    received.push({ tool, args });
    const number = received.filter((each) => each.tool === tool).length;
    return (handlers[tool] ?? (() => text({ tool, number })))(args, options, number);
  };

  const connect: ConnectTarget = async ({ sessionId, signal }) => {
    asked.push(sessionId);
    await onConnect(asked.length);
    signal.throwIfAborted();
    const resumed = sessionId !== undefined && sessions.has(sessionId);
    const session = resumed ? sessionId : `session-${asked.length}`;
    sessions.add(session);
    const target: Target = {
      server: { name: 'fake', version: '1' },
      protocolVersion: '2025-11-25',
      ...(stateful ? { sessionId: session } : {}),
      resumed,
      tools: all,
      hasResources,
      callTool: answer,
      listResources: (options) => answer('resources/list', {}, options),
      readResource: (uri, options) => answer('resources/read', { uri }, options),
      close: async ({ keepSession = false } = {}) => {
        closed.push({ keepSession });
      },
    };
    return target;
  };
  return { connect, received, asked, closed, forget: () => sessions.clear() };
}
