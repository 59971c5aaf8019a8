import { ProtocolError } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import {
  ArmatureError,
  type ErrorCode,
  type ErrorDetails,
  type FieldError,
  fieldPath,
  isArmatureError,
} from '../../domain/error/error.ts';
import type { Logger } from '../../infra/logger/index.ts';
import { validationError } from '../../services/context/errors.ts';

/** What a caller is told of a failure, over JSON-RPC as `data`, over HTTP as `error`. */
export type ApiError = {
  code: ErrorCode;
  message: string;
  details?: ErrorDetails;
  remediation: string;
  requestId: string;
};

export function apiError(error: ArmatureError, requestId: string): ApiError {
  const { code, message, remediation, details } = error;
  return { code, message, ...(Object.keys(details).length > 0 && { details }), remediation, requestId };
}

/** JSON-RPC's own codes where one says the same, else the one of servers' own errors. */
export function rpcCode(code: ErrorCode): number {
  if (code === 'validation_failed') return -32602;
  return code === 'internal_error' ? -32603 : -32000;
}

/** Begins with the code and ends with what to do: models often see nothing else of an error. */
export const rpcMessage = ({ code, message, remediation }: ApiError): string =>
  `${code}: ${message.replace(/[.\s]*$/, '.')} ${remediation}`;

/** Any failure as a JSON-RPC error. One that nobody foresaw is logged, and only its request id is told. */
export function protocolError(error: unknown, { requestId, log }: { requestId: string; log: Logger }): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (!isArmatureError(error)) log.error({ err: error, requestId }, 'request to the MCP endpoint failed');
  const known = isArmatureError(error)
    ? error
    : new ArmatureError(
        'internal_error',
        'Something went wrong on our side.',
        `Try again; if it goes on, give the operator of this installation the request id ${requestId}.`,
      );
  const data = apiError(known, requestId);
  return new ProtocolError(rpcCode(known.code), rpcMessage(data), data);
}

/** Arguments that don't fit `schema`; what is misspelled is told beside what there is. */
export function invalidArguments(error: z.ZodError, known: readonly string[]): ArmatureError {
  const fieldErrors: FieldError[] = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ field: fieldPath(issue.path), message: issue.message }];
    const there = issue.path.length === 0 ? ` There are: ${known.join(', ')}.` : '';
    return issue.keys.map((key) => ({
      field: fieldPath([...issue.path, key.slice(0, 100)]),
      message: `There is no such argument.${there}`,
    }));
  });
  return validationError(fieldErrors);
}
