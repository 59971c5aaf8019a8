import { isJsonContentType } from '@modelcontextprotocol/server';
import express, { type Request, type Response } from 'express';
import { z } from 'zod';
import { ArmatureError, type FieldError } from '../../domain/error/error.ts';
import { describeIssue } from '../../domain/error/input-errors.ts';
import { listFieldErrors, validationError } from '../../services/context/errors.ts';
import { isDeeperThan } from '../input/depth.ts';
import { findRefusedText } from '../input/refused-text.ts';

const maxMessageBytes = 1024 * 1024;
const maxDepth = 64;

/** A message that is refused before the SDK sees it. `status`: of the HTTP answer; `rpcCode`: JSON-RPC's. */
export class RefusedMessage extends Error {
  readonly status: number;
  readonly rpcCode: number;
  readonly id: string | number | null;
  readonly problem: ArmatureError;
  constructor(at: { status: number; rpcCode: number; id?: string | number }, problem: ArmatureError) {
    super(problem.message);
    this.status = at.status;
    this.rpcCode = at.rpcCode;
    this.id = at.id ?? null;
    this.problem = problem;
  }
}

const unreadable = (status: number, rpcCode: number, message: string): RefusedMessage =>
  new RefusedMessage(
    { status, rpcCode },
    new ArmatureError('validation_failed', message, 'Send one JSON-RPC message as the body.'),
  );

const readText = express.text({
  type: (request) => isJsonBody(request.headers['content-type']),
  limit: maxMessageBytes,
});
const isJsonBody = (contentType: string | undefined): boolean => isJsonContentType(contentType ?? null);

/**
 * The message in a request's body; undefined when the body isn't declared as JSON, which the SDK refuses.
 * @throws RefusedMessage
 */
export async function readMessage(request: Request, response: Response): Promise<unknown> {
  if (!isJsonBody(request.get('content-type'))) return undefined;
  await new Promise<void>((resolve, reject) =>
    readText(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(toRefusal(error)))),
  );
  const message = parseJson(request.body ?? '');
  if (isDeeperThan(message, maxDepth))
    throw unreadable(400, -32600, `The message is nested deeper than the limit of ${maxDepth} levels.`);
  if (Array.isArray(message))
    throw unreadable(400, -32600, 'Batches are not supported. Send each message in its own request.');
  if (typeof message !== 'object' || message === null)
    throw unreadable(400, -32600, 'The body is not a JSON-RPC message.');
  refuseInvalid(message);
  return message;
}

/** Errors of the body parser carry an HTTP status. */
function toRefusal(error: unknown): unknown {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (typeof status !== 'number') return error;
  if (status === 413)
    return unreadable(413, -32000, `The message is larger than the limit of ${maxMessageBytes} bytes.`);
  return unreadable(status, -32700, 'The body could not be read.');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(400, -32700, 'The body is not valid JSON.');
    throw error;
  }
}

const text = z.string().max(10_000);
const page = z.looseObject({ cursor: text.optional() }).optional();
const reference = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('ref/resource'), uri: text }),
  z.looseObject({ type: z.literal('ref/prompt'), name: text }),
]);

/** A request since revision 2026-07-28, where `initialize` is no longer known: what it is called with says nothing. */
const namesRevision = z.looseObject({ _meta: z.looseObject({ 'io.modelcontextprotocol/protocolVersion': text }) });

/** Parameters by method. The SDK answers some invalid ones as an internal error, and none with `data`. */
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

/** @throws RefusedMessage for a request with invalid parameters; anything that is not a request is left to the SDK. */
function refuseInvalid(message: object): void {
  const request = call.safeParse(message);
  if (!request.success) return;
  const { id, method, params } = request.data;
  if (method === 'subscriptions/listen')
    throw new RefusedMessage(
      { status: 404, rpcCode: -32601, id },
      new ArmatureError(
        'validation_failed',
        'Subscriptions are not supported: this server sends no notifications of changes.',
        'Call the tools when you need the current state.',
      ),
    );
  const fieldErrors = findFieldErrors(method, params);
  if (fieldErrors.length > 0)
    throw new RefusedMessage({ status: 200, rpcCode: -32602, id }, validationError(fieldErrors));
}

function findFieldErrors(method: string, params: unknown): FieldError[] {
  if (method === 'initialize' && namesRevision.safeParse(params).success) return [];
  const schema = Object.hasOwn(parameters, method) ? parameters[method] : undefined;
  const parsed = schema?.safeParse(params, { error: describeIssue });
  if (parsed?.error) return listFieldErrors(parsed.error, ['params']);
  if (method !== 'tools/call' || typeof params !== 'object') return findRefusedText(params, ['params']);
  // A tool checks its arguments itself, and names them without `params`.
  return findRefusedText({ ...params, arguments: undefined }, ['params']);
}
