import { type CallToolResult, ProtocolError } from '@modelcontextprotocol/server';
import type { ErrorCode } from '../../domain/error/codes.ts';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import { cutMiddle } from '../../domain/values/cut.ts';
import type { Logger } from '../../infra/logger/index.ts';
import { type Caller, toAgentWords } from './agent-words.ts';
import { bound } from './bound.ts';

/** A failure as clients see it. */
export type ApiError = {
  code: ErrorCode;
  message: string;
  details?: { [key: string]: unknown };
  remediation: string;
  requestId: string;
};

/** How failed tool calls are answered: as a result that models see, or as an error of JSON-RPC. */
export const errorForms = ['result', 'json-rpc'] as const;
export type ErrorForm = (typeof errorForms)[number];

/** An error is sent up to three times in one answer. */
const maxMessageLength = 4000;
const maxDetailsBytes = 40_000;

export function toApiError(
  { code, message, remediation, details }: Pick<ArmatureError, 'code' | 'message' | 'remediation' | 'details'>,
  requestId: string,
): ApiError {
  return {
    code,
    message: cutMiddle(message, maxMessageLength).text,
    ...(Object.keys(details).length > 0 && { details: bound(details, maxDetailsBytes) }),
    remediation,
    requestId,
  };
}

/** The failure itself if callers can act on it; else one that says only which request it was. */
export const toKnownError = (error: unknown, requestId: string): ArmatureError =>
  isArmatureError(error)
    ? error
    : new ArmatureError(
        'internal_error',
        'Something went wrong on our side.',
        `Try again. If it fails again, give the operator of this installation the request id ${requestId}.`,
      );

/** Any failure, told to an agent. An unexpected one is logged, and only its request id is returned. */
export function toAgentError(
  error: unknown,
  { requestId, log, ...caller }: Caller & { requestId: string; log: Logger },
): ApiError {
  if (!isArmatureError(error)) log.error({ err: error, requestId }, 'MCP request failed');
  const known = toKnownError(error, requestId);
  const { code, details } = known;
  return toApiError({ code, details, ...toAgentWords(known, caller) }, requestId);
}

/** Starts with the code and ends with the remediation: often a model sees nothing else of an error. */
export const toErrorText = ({ code, message, remediation }: ApiError): string =>
  `${code}: ${message.replace(/[.\s]*$/, '.')} ${remediation}`;

/** The answer to a failed tool call. Without `structuredContent`: older clients would check it against the schema. */
export function toErrorResult(error: ApiError): CallToolResult {
  return {
    isError: true,
    content: [
      { type: 'text', text: toErrorText(error) },
      { type: 'text', text: JSON.stringify(error) },
    ],
    _meta: { 'armature/error': error },
  };
}

export const toProtocolError = (error: ApiError): ProtocolError =>
  new ProtocolError(error.code === 'validation_failed' ? -32602 : -32000, toErrorText(error), error);
