import type { JSONRPCNotification, JSONRPCRequest } from '@modelcontextprotocol/client';
import { cut } from '../quote.ts';

type Id = string | number;

/** What a server sends, as the rules of JSON-RPC see it. */
export type Received =
  | { kind: 'result'; id: Id; result: { [member: string]: unknown } }
  | { kind: 'error'; id: Id | null; code?: number; message: string; data?: string }
  | { kind: 'request'; message: JSONRPCRequest; problem?: string }
  | { kind: 'notification'; message: JSONRPCNotification }
  /** An answer, but not a correct one. `isResult`: the message is fine, the result isn't. */
  | { kind: 'malformed'; id: Id; problem: string; isResult: boolean }
  | { kind: 'stray'; problem: string };

type JsonObject = { [member: string]: unknown };

const maxDepth = 500;
/** Of the members of a listed tool. */
const toolDepth = 3;
/** Stands for a member of a listed tool that is nested too deeply to be read. */
export const tooDeep = `nested deeper than ${maxDepth} levels`;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isId = (value: unknown): value is Id => typeof value === 'string' || Number.isInteger(value);

/** "null", "missing", "an array", "a string" */
export function nameType(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

const notRpc = "which isn't a JSON-RPC message";

export function readMessage(value: unknown): Received {
  if (!isObject(value)) return { kind: 'stray', problem: notRpc };
  if ('method' in value) return readCall(value);
  if (!('result' in value) && !('error' in value) && !(isId(value.id) && value.jsonrpc === '2.0'))
    return { kind: 'stray', problem: notRpc };
  return readAnswer(value);
}

function readCall({ jsonrpc, method, id, params }: JsonObject): Received {
  if (jsonrpc !== '2.0' || typeof method !== 'string') return { kind: 'stray', problem: notRpc };
  const problem =
    params === undefined || (isObject(params) && (params._meta === undefined || isObject(params._meta)))
      ? undefined
      : isObject(params)
        ? `whose params._meta is ${nameType(params._meta)}`
        : `whose params is ${nameType(params)}`;
  const usable = problem === undefined && isObject(params) ? { params } : {};
  if (isId(id)) {
    // The server waits for an answer, whatever its params are.
    return { kind: 'request', message: { jsonrpc, id, method, ...usable }, ...(problem !== undefined && { problem }) };
  }
  if (id !== undefined) return { kind: 'stray', problem: `whose id is ${nameType(id)}` };
  if (problem !== undefined) return { kind: 'stray', problem };
  return { kind: 'notification', message: { jsonrpc, method, ...usable } };
}

function readAnswer(answer: JsonObject): Received {
  const { jsonrpc, id, result, error } = answer;
  const isAddressed = isId(id) || ((id === undefined || id === null) && jsonrpc === '2.0');
  if (error !== undefined && error !== null && isAddressed)
    return { kind: 'error', id: id ?? null, ...readError(error) };
  if (!isId(id))
    return { kind: 'stray', problem: jsonrpc === '2.0' ? `an answer whose id is ${nameType(id)}` : notRpc };
  const malformed = (problem: string, isResult = false): Received => ({ kind: 'malformed', id, problem, isResult });
  if (jsonrpc !== '2.0') return malformed(`its member jsonrpc is ${jsonrpc === undefined ? 'missing' : 'wrong'}`);
  if (error === null) return malformed('it has a member error, which is null; leave it out of a result');
  if (!('result' in answer)) return malformed('it has neither result nor error');
  if (!isObject(result)) return malformed(`its result is ${nameType(result)}, and must be an object`, true);
  const meta = result._meta;
  if (meta === null) return malformed('its result._meta is null; leave it out', true);
  if (meta !== undefined && !isObject(meta))
    return malformed(`its result._meta is ${nameType(meta)}, and must be an object`, true);
  if (!isDeeper(result, maxDepth)) return { kind: 'result', id, result };
  const readable = withoutDeepTools(result);
  if (isDeeper(readable, maxDepth)) return malformed(`its result is ${tooDeep}`, true);
  return { kind: 'result', id, result: readable };
}

/** One tool with a deep schema doesn't make a list unreadable. */
function withoutDeepTools(result: JsonObject): JsonObject {
  if (!Array.isArray(result.tools)) return result;
  const flat = (member: unknown) => (isDeeper(member, maxDepth - toolDepth) ? tooDeep : member);
  const tools = result.tools.map((tool: unknown) =>
    isObject(tool)
      ? Object.fromEntries(Object.entries(tool).map(([name, member]) => [name, flat(member)]))
      : flat(tool),
  );
  return { ...result, tools };
}

/** @returns a code that is no number, and an empty message, as part of the message; `data` as text */
function readError(error: unknown): { code?: number; message: string; data?: string } {
  if (isDeeper(error, maxDepth)) return { message: 'an error that is nested too deeply to be read' };
  if (!isObject(error)) return { message: typeof error === 'string' ? error : JSON.stringify(error) };
  const { code, message, data } = error;
  const said = typeof message === 'string' ? message : JSON.stringify(message ?? error);
  const name = typeof code === 'string' ? `${code}: ` : '';
  return {
    ...(typeof code === 'number' && Number.isFinite(code) && { code }),
    message: name + (said.trim() === '' ? 'without a message' : said),
    // A missing message is shown as the whole error.
    ...(data !== undefined &&
      data !== null &&
      typeof message === 'string' && { data: typeof data === 'string' ? data : JSON.stringify(data) }),
  };
}

/** Without recursion, which a deep value would break. */
function isDeeper(value: unknown, levels: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((each) =>
      typeof each === 'object' && each !== null ? Object.values(each).filter((child) => typeof child === 'object') : [],
    );
  }
  return false;
}

/** The request, for messages: `tools/list`, `tools/call of search`. */
export function describeRequest({ method, params }: { method: string; params?: unknown }): string {
  const name =
    method === 'tools/call' && typeof params === 'object' && params !== null && 'name' in params ? params.name : null;
  return typeof name === 'string' ? `${method} of ${cut(name, 80)}` : method;
}
