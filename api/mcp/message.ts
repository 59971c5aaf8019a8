import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { ArmatureError, type FieldError } from '../../domain/error/error.ts';
import { invalidFields } from './error.ts';
import { unstorable } from './storable.ts';

export const largestMessage = 1024 * 1024;
const deepest = 64;

/** A body that is no message. `status`: of the HTTP answer; `rpcCode`: JSON-RPC's. */
export class UnreadableMessage extends Error {
  readonly status: number;
  readonly rpcCode: number;
  readonly problem: ArmatureError;
  constructor(status: number, rpcCode: number, message: string) {
    super(message);
    this.status = status;
    this.rpcCode = rpcCode;
    this.problem = new ArmatureError('validation_failed', message, 'Send one JSON-RPC message as the body.');
  }
}

/** The body as one JSON value. @throws UnreadableMessage */
export async function readMessage(request: IncomingMessage): Promise<unknown> {
  const tooLarge = () =>
    new UnreadableMessage(413, -32000, `The message is larger than ${largestMessage} bytes, which is the limit.`);
  if (Number(request.headers['content-length'] ?? 0) > largestMessage) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > largestMessage) throw tooLarge();
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  // Before it is parsed: what walks a value that is nested deeper would run out of stack.
  if (depthOf(text) > deepest)
    throw new UnreadableMessage(
      400,
      -32600,
      `The message is nested deeper than ${deepest} levels, which is the limit.`,
    );
  const message = parse(text);
  if (Array.isArray(message))
    throw new UnreadableMessage(400, -32600, 'Batches are not served: send each message in a request of its own.');
  if (typeof message !== 'object' || message === null)
    throw new UnreadableMessage(400, -32600, 'The body is no JSON-RPC message.');
  return message;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UnreadableMessage(400, -32700, 'The body is not valid JSON.');
    throw error;
  }
}

/** How deeply arrays and objects are nested in a JSON text. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) index += 1;
      else if (code === 0x22) inString = false;
    } else if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > most) most = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return most;
}

const text = z.string().max(10_000);
const page = z.looseObject({ cursor: text.optional() }).optional();
const reference = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('ref/resource'), uri: text }),
  z.looseObject({ type: z.literal('ref/prompt'), name: text }),
]);

/** Parameters by method. The SDK answers some of what does not fit as an internal error, and none with `data`. */
const parameters: { [method: string]: z.ZodType } = {
  initialize: z.looseObject({
    protocolVersion: text,
    capabilities: z.looseObject({}),
    clientInfo: z.looseObject({ name: text, version: text }),
  }),
  'tools/list': page,
  'resources/list': page,
  'resources/templates/list': page,
  'prompts/list': page,
  'tools/call': z.looseObject({ name: text, arguments: z.record(z.string(), z.unknown()).optional() }),
  'resources/read': z.looseObject({ uri: text }),
  'prompts/get': z.looseObject({ name: text, arguments: z.record(z.string(), text).optional() }),
  'completion/complete': z.looseObject({
    ref: reference,
    argument: z.looseObject({ name: text, value: text }),
    context: z.looseObject({ arguments: z.record(z.string(), text).optional() }).optional(),
  }),
};

const call = z.looseObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().max(1000), z.number()]),
  method: z.string(),
  params: z.unknown().optional(),
});

export type Refusal = { id: string | number; rpcCode: number; status: number; problem: ArmatureError };

/** What is wrong with a request before anything is done with it; null for what the SDK may judge. */
export function refusalOf(message: unknown): Refusal | null {
  const read = call.safeParse(message);
  if (!read.success) return null;
  const { id, method, params } = read.data;
  if (method === 'subscriptions/listen')
    return {
      id,
      rpcCode: -32601,
      status: 404,
      problem: new ArmatureError(
        'validation_failed',
        'Subscriptions are not served: nothing here changes by itself that a notification would tell of.',
        'Call the tools when you need to know.',
      ),
    };
  const schema = Object.hasOwn(parameters, method) ? parameters[method] : undefined;
  const parsed = schema?.safeParse(params);
  const fieldErrors: FieldError[] =
    parsed && !parsed.success
      ? parsed.error.issues.map((issue) => ({
          field: ['params', ...issue.path.map(String)].join('.'),
          message: issue.message,
        }))
      : method === 'tools/call'
        ? []
        : unstorable(params, ['params']);
  if (fieldErrors.length === 0) return null;
  return { id, rpcCode: -32602, status: 200, problem: invalidFields(fieldErrors.slice(0, 20)) };
}
