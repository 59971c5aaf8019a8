import type { ToolCall, ToolResult } from '../domain/run/run.ts';
import type { Limits, RetryPolicy, ToolPolicy } from '../domain/workflow/definition.ts';
import type { Clock } from './clock.ts';
import { describeTargetFailure, toRequestFailure } from './describe-failure.ts';
import { hadNoEffect, isUnreachable, targetErrorKind } from './failure.ts';
import { isTargetError, type Recorder, type TargetError } from './ports.ts';
import { delayBefore, type Sleep } from './retry.ts';
import type { Session } from './session.ts';
import { Stop } from './stop.ts';
import { toolMessage } from './tool-message.ts';

export type CallContext = {
  recorder: Recorder;
  session: Session;
  clock: Clock;
  limits: Limits;
  toolPolicy: ToolPolicy;
  retryPolicy: RetryPolicy;
  now: () => Date;
  sleep: Sleep;
};

/** `unreachable`: counts consecutive attempts, over all calls, that found no server. */
export type SendContext = CallContext & { unreachable: { inARow: number } };

export type SentCall = Pick<ToolCall, 'index' | 'turn' | 'tool'> & { arguments: { [key: string]: unknown } };
type CallEnd = Pick<ToolCall, 'outcome' | 'result' | 'error' | 'failure' | 'latencyMs'>;

/**
 * Sends a call, again where the retry policy allows it, and returns the message for the model.
 * @throws Stop when the run can't continue
 */
export async function sendCall(context: SendContext, call: SentCall, firstAttempt: number): Promise<string> {
  const { recorder, clock } = context;
  try {
    for (let attempt = firstAttempt; ; attempt++) {
      const message = await attemptCall(context, { call, attempt, tries: attempt - firstAttempt + 1 });
      if (message !== null) return message;
      clock.check();
    }
  } catch (error) {
    // Between two attempts the call has no outcome yet; where it has one, this changes nothing.
    if (error instanceof Stop)
      await recorder.finishCall(call.index, {
        outcome: 'interrupted',
        error: 'The run ended before the call could be repeated.',
      });
    throw error;
  }
}

/** Records how a call ended and returns the message for the model. */
export async function settleCall(recorder: Recorder, index: number, end: CallEnd): Promise<string> {
  await recorder.finishCall(index, end);
  return toolMessage(end);
}

type Attempt = { call: SentCall; attempt: number; tries: number };

/** @returns the message for the model, or null to send the call again */
async function attemptCall(context: SendContext, current: Attempt): Promise<string | null> {
  const { recorder, session, clock, limits, now, unreachable } = context;
  const { call, attempt } = current;
  await recorder.startCall({ ...call, attempts: attempt });
  // The commit may have taken long enough for a newer attempt to take over.
  recorder.assertCurrent();
  let sentAt = now().getTime();
  const elapsed = () => Math.max(0, now().getTime() - sentAt);
  let result: ToolResult;
  try {
    result = await session.toolList().send(call.tool, call.arguments, {
      signal: clock.signal,
      timeoutMs: limits.toolCallSeconds * 1000,
      onSent: () => {
        sentAt = now().getTime();
      },
    });
  } catch (error) {
    if (clock.signal.aborted) return abortCall(context, call.index, elapsed());
    if (!isTargetError(error)) throw error;
    return handleFailure(context, error, { ...current, latencyMs: elapsed() });
  }
  unreachable.inARow = 0;
  return settleCall(recorder, call.index, {
    outcome: result.isError ? 'tool_error' : 'ok',
    result,
    latencyMs: elapsed(),
  });
}

/** The run was canceled, or reached its time limit, while the server worked on the call. */
async function abortCall({ recorder, clock, limits }: SendContext, index: number, latencyMs: number): Promise<never> {
  if (!clock.isCanceled())
    await recorder.finishCall(index, {
      outcome: 'timeout',
      error: `The run's time limit of ${limits.seconds} s was reached during the call.`,
      latencyMs,
    });
  else if (!clock.isSuperseded())
    await recorder.finishCall(index, {
      outcome: 'interrupted',
      error: 'The run was canceled during the call.',
      latencyMs,
    });
  clock.check();
  throw clock.signal.reason;
}

/** @returns the message for the model, or null to send the call again. @throws Stop when the run can't continue */
async function handleFailure(
  context: SendContext,
  error: TargetError,
  { call, attempt, tries, latencyMs }: Attempt & { latencyMs: number },
): Promise<string | null> {
  const { recorder, session, clock, retryPolicy, unreachable } = context;
  const { index, tool } = call;
  if (error.kind === 'timeout' || error.kind === 'rpc_error') {
    unreachable.inARow = 0;
    return settleCall(recorder, index, { outcome: error.kind, ...toFailedEnd(error), latencyMs });
  }
  unreachable.inARow = isUnreachable(error) ? unreachable.inARow + 1 : 0;
  const isSessionLost = error.kind === 'session_lost';
  const mayRepeat = error.retryable && (hadNoEffect(error) || session.toolList().isRepeatable(tool));
  // A lost session isn't a failure of the server: the call gets one more try in a new session, whatever the policy
  // says.
  const maxTries = isSessionLost ? 2 : retryPolicy.attempts;
  const delayMs = isSessionLost ? 0 : delayBefore(tries + 1, retryPolicy, error.details.retryAfterMs);
  if (mayRepeat && tries < maxTries && delayMs <= clock.msLeft()) {
    await recorder.append({ type: 'retry', of: 'tool_call', attempt: attempt + 1, reason: error.message, delayMs });
    if (isSessionLost) await session.connect();
    else await pause(context, delayMs, index);
    return null;
  }
  const message = await settleCall(recorder, index, { outcome: 'transport_error', ...toFailedEnd(error), latencyMs });
  const kind = targetErrorKind(error);
  // Credentials that were accepted until now may lack a permission for this tool alone.
  const isDenied = kind === 'auth' && error.details.status !== 403;
  if (isDenied || kind === 'misconfigured' || unreachable.inARow >= retryPolicy.attempts)
    throw new Stop({
      type: 'error',
      kind,
      message: `${describeTargetFailure(error)} ${error.remediation}`,
      failure: toRequestFailure(error),
    });
  if (isSessionLost) await session.connect();
  return message;
}

const toFailedEnd = (error: TargetError): Required<Pick<CallEnd, 'error' | 'failure'>> => ({
  error: describeTargetFailure(error),
  failure: toRequestFailure(error),
});

async function pause(context: SendContext, ms: number, index: number): Promise<void> {
  const { clock, sleep } = context;
  try {
    await sleep(ms, clock.signal);
  } catch (error) {
    if (!clock.signal.aborted) throw error;
  }
  if (clock.signal.aborted) await abortCall(context, index, 0);
}
