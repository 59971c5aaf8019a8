import {
  type ApiAnswer,
  type ApiTool,
  buildRequest,
  explainNoAnswer,
  type NoAnswer,
  prepareArguments,
  readAnswer,
  type ToolAnswer,
  ToolInputError,
} from '../../../domain/openapi/index.ts';
import { isRecord, toSchemaPath } from '../../../domain/product-mcp/argument-path.ts';
import { nameSource } from '../../../domain/product-mcp/connection.ts';
import { type ArgumentIssue, toIssueText } from '../../../infra/json-schema/index.ts';
import type { OutboundError } from '../../../infra/outbound/error.ts';
import type { Deps } from '../../context/context.ts';
import type { CallOutcome, RecordedCall } from '../usage/recorder.ts';
import type { Caller } from './caller.ts';
import { sendToApi } from './send.ts';

type Called = { answer: ToolAnswer } & Pick<RecordedCall, 'outcome' | 'bytes' | 'mistakes'>;

/**
 * Carries out a call of a tool: checks the arguments, sends the request with the caller's credential, reads the answer.
 * Every failure is an answer, which models see.
 */
export async function callOperation(
  { outbound, inputSchemas }: Pick<Deps, 'outbound' | 'inputSchemas'>,
  tool: ApiTool,
  given: unknown,
  { publication, carried, signal }: Caller & { signal: AbortSignal },
): Promise<Called> {
  const { connection, baseUrl, pinnedOrigins } = publication;
  const { args, answer: wanted } = prepareArguments(tool, given);
  const asked = isRecord(given) ? given[tool.plan.answer] : undefined;
  const issues = inputSchemas.check(
    tool.inputSchema,
    asked === undefined ? args : { ...args, [tool.plan.answer]: asked },
  );
  if (issues.length > 0) return refuseArguments(tool, issues);
  const request = buildRequest(tool, given, { baseUrl, pinnedOrigins });
  if (request instanceof ToolInputError)
    return refuseArguments(tool, [{ path: request.field.split('.'), rule: 'request', message: request.message }]);

  const timeoutMs = connection.timeoutSeconds * 1000;
  const sent = await sendToApi(outbound, request, { carried, timeoutMs, signal });
  if ('failure' in sent) {
    const why = toNoAnswer(sent.failure, { tool, timeoutMs });
    return { answer: explainNoAnswer(why), outcome: 'failed', bytes: 0, mistakes: [] };
  }
  const answer = readAnswer(tool, sent.answer, { ...wanted, credential: nameSource(connection) });
  return { answer, outcome: toOutcome(sent.answer), bytes: sent.answer.body.byteLength, mistakes: [] };
}

function refuseArguments({ inputSchema }: ApiTool, issues: readonly ArgumentIssue[]): Called {
  const text = `The arguments are wrong, so the API was not called.\n${issues.map(toIssueText).join('\n')}`;
  const mistakes = issues.map(({ path, rule }) => ({ path: toSchemaPath(inputSchema, path), rule }));
  const answer: ToolAnswer = { content: [{ type: 'text', text }], isError: true };
  return { answer, outcome: 'invalidArguments', bytes: 0, mistakes };
}

function toOutcome({ status }: ApiAnswer): CallOutcome {
  if (status >= 200 && status < 300) return 'succeeded';
  if (status === 401 || status === 403) return 'unauthorized';
  return status >= 400 && status < 500 ? 'rejected' : 'failed';
}

/** Outbound errors name hosts and addresses of the API, which are the publisher's: callers get only the kind. */
function toNoAnswer(
  { kind, details }: OutboundError,
  { tool, timeoutMs }: { tool: ApiTool; timeoutMs: number },
): NoAnswer {
  const changes = tool.annotations.readOnlyHint !== true;
  switch (kind) {
    case 'timeout':
      return { kind: 'timeout', seconds: timeoutMs / 1000, changes };
    case 'too_large':
      return { kind: 'too_large', megabytes: Math.round((details.limit ?? 0) / 1024 / 1024) };
    case 'unreachable':
    case 'not_http':
      return { kind: 'interrupted', changes };
    default:
      return { kind: 'unreachable' };
  }
}
