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

/** A failure as clients see it: `data` of a JSON-RPC error, `error` of an HTTP answer. */
export type ApiError = {
  code: ErrorCode;
  message: string;
  details?: ErrorDetails;
  remediation: string;
  requestId: string;
};

export function toApiError(error: ArmatureError, requestId: string): ApiError {
  const { code, message, remediation, details } = error;
  return { code, message, ...(Object.keys(details).length > 0 && { details }), remediation, requestId };
}

/** JSON-RPC's own code where there is one, else the code for server errors. */
function toRpcCode(code: ErrorCode): number {
  if (code === 'validation_failed') return -32602;
  return code === 'internal_error' ? -32603 : -32000;
}

/** Starts with the code and ends with the remediation: often a model sees nothing else of an error. */
export const toRpcMessage = ({ code, message, remediation }: ApiError): string =>
  `${code}: ${message.replace(/[.\s]*$/, '.')} ${remediation}`;

/** Converts any failure to a JSON-RPC error. An unexpected one is logged, and only its request id is returned. */
export function toProtocolError(error: unknown, { requestId, log }: { requestId: string; log: Logger }): ProtocolError {
  if (error instanceof ProtocolError) return error;
  if (!isArmatureError(error)) log.error({ err: error, requestId }, 'MCP request failed');
  const known = isArmatureError(error)
    ? error
    : new ArmatureError(
        'internal_error',
        'Something went wrong on our side.',
        `Try again. If it fails again, give the operator of this installation the request id ${requestId}.`,
      );
  const data = toApiError(known, requestId);
  return new ProtocolError(toRpcCode(known.code), toRpcMessage(data), data);
}

/** Converts a ZodError of arguments. Unknown ones are named, with the list of known ones. */
export function toInvalidArguments(error: z.ZodError, known: readonly string[]): ArmatureError {
  const fieldErrors: FieldError[] = error.issues.flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ field: fieldPath(issue.path), message: issue.message }];
    const list = issue.path.length === 0 ? ` Known arguments: ${known.join(', ')}.` : '';
    return issue.keys.map((key) => ({
      field: fieldPath([...issue.path, key.slice(0, 100)]),
      message: `Unknown argument.${list}`,
    }));
  });
  return validationError(fieldErrors);
}
