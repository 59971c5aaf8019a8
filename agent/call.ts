import { toEntries } from '../domain/json/json.ts';
import type { CallOutcome, ToolCall, ToolResult, TraceEventBody } from '../domain/run/run.ts';
import type { Limits, RetryPolicy, ToolPolicy } from '../domain/workflow/definition.ts';
import { judgeTool } from '../domain/workflow/tool-policy.ts';
import type { Clock } from './clock.ts';
import { hadNoEffect, isGone, targetErrorKind } from './failure.ts';
import { isTargetError, type Recorder, type TargetError } from './ports.ts';
import { delayBefore, type Sleep } from './retry.ts';
import type { Session } from './session.ts';
import { Stop } from './stop.ts';
import { invalidArguments, toolMessage } from './tool-message.ts';

export type RequestedCall = Extract<TraceEventBody, { type: 'model_turn' }>['toolCalls'][number];

/** Carries out what the model asks for, once, and says what it is told of it. */
export type Caller = {
  /** @throws Stop when a limit, a cancel or a server that is gone ends the run here. */
  make(call: RequestedCall, turn: number): Promise<string>;
};

type Sent = Pick<ToolCall, 'index' | 'turn' | 'tool'> & { arguments: { [key: string]: unknown } };
type End = { outcome: CallOutcome; result?: ToolResult; error?: string; latencyMs?: number };

export function createCaller({
  recorder,
  session,
  clock,
  limits,
  toolPolicy,
  retryPolicy,
  now,
  sleep,
  recorded,
}: {
  recorder: Recorder;
  session: Session;
  clock: Clock;
  limits: Limits;
  toolPolicy: ToolPolicy;
  retryPolicy: RetryPolicy;
  now: () => Date;
  sleep: Sleep;
  /** The calls of earlier attempts. */
  recorded: readonly ToolCall[];
}): Caller {
  const earlier = new Map(recorded.map((call) => [call.index, call]));
  /** Attempts in a row that found no server. */
  let gone = 0;

  async function make({ index, tool, arguments: text }: RequestedCall, turn: number): Promise<string> {
    const record = earlier.get(index);
    if (record && record.outcome !== 'started') return toolMessage(record);
    clock.check();
    const read = readArguments(text);
    if (record) return resume(record, read);
    if (index >= limits.toolCalls) throw new Stop({ type: 'limit', limit: 'toolCalls', allowed: limits.toolCalls });
    const verdict = judgeTool(toolPolicy, session.toolList().names, tool);
    if (verdict !== 'allowed') {
      const error =
        verdict === 'blocked'
          ? `The policy of this test blocks the tool "${tool}".`
          : `There is no tool "${tool}" among the tools on offer.`;
      await recorder.refuseCall({ index, turn, tool, arguments: read.ok ? read.args : text, outcome: verdict, error });
      return toolMessage({ outcome: verdict, error });
    }
    if (!read.ok) return invalidArguments(tool, read.problem);
    const problem = session.toolList().problem(tool, read.args);
    if (problem !== null) return invalidArguments(tool, problem);
    return send({ index, turn, tool, arguments: read.args }, 1);
  }

  /** An earlier attempt committed this call and died before it knew the end: it may have reached the server. */
  async function resume(record: ToolCall, read: ReadArguments): Promise<string> {
    const { index, turn, tool } = record;
    if (!read.ok || !session.toolList().isRepeatable(tool))
      return settle(index, { outcome: 'interrupted', error: 'Armature was interrupted during the call.' });
    const attempt = record.attempts + 1;
    await recorder.append({
      type: 'retry',
      of: 'tool_call',
      attempt,
      reason: `Armature was interrupted during the call of ${tool}, which may be repeated.`,
      delayMs: 0,
    });
    return send({ index, turn, tool, arguments: read.args }, attempt);
  }

  async function send(call: Sent, firstAttempt: number): Promise<string> {
    try {
      for (let attempt = firstAttempt; ; attempt++) {
        const message = await attemptCall(call, attempt, attempt - firstAttempt + 1);
        if (message !== null) return message;
        clock.check();
      }
    } catch (error) {
      // Between two attempts the call has no end yet; where it has one, this changes nothing.
      if (error instanceof Stop)
        await recorder.finishCall(call.index, {
          outcome: 'interrupted',
          error: 'The run ended before the call could be repeated.',
        });
      throw error;
    }
  }

  /** @returns what the model is told, or null when the call is to be sent again. */
  async function attemptCall(call: Sent, attempt: number, tries: number): Promise<string | null> {
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
      if (clock.signal.aborted) return endInside(call.index, elapsed());
      if (!isTargetError(error)) throw error;
      return onFailure(error, { call, attempt, tries, latencyMs: elapsed() });
    }
    gone = 0;
    return settle(call.index, { outcome: result.isError ? 'tool_error' : 'ok', result, latencyMs: elapsed() });
  }

  /** The run was canceled, or its time ended, while the server worked on the call. */
  async function endInside(index: number, latencyMs: number): Promise<never> {
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

  /** @returns what the model is told, or null when the call is to be sent again. @throws Stop where the run can't go on. */
  async function onFailure(
    error: TargetError,
    { call, attempt, tries, latencyMs }: { call: Sent; attempt: number; tries: number; latencyMs: number },
  ): Promise<string | null> {
    const { index, tool } = call;
    if (error.kind === 'timeout' || error.kind === 'rpc_error') {
      gone = 0;
      return settle(index, { outcome: error.kind, error: error.message, latencyMs });
    }
    gone = isGone(error) ? gone + 1 : 0;
    const lost = error.kind === 'session_lost';
    const mayRepeat = error.retryable && (hadNoEffect(error) || session.toolList().isRepeatable(tool));
    // A lost session costs no attempt of the policy's: the server is well, and the next session is a new one.
    const most = lost ? Math.max(2, retryPolicy.attempts) : retryPolicy.attempts;
    const delayMs = lost ? 0 : delayBefore(tries + 1, retryPolicy, error.details.retryAfterMs);
    if (mayRepeat && tries < most && delayMs <= clock.msLeft()) {
      await recorder.append({ type: 'retry', of: 'tool_call', attempt: attempt + 1, reason: error.message, delayMs });
      if (lost) await session.connect();
      else await wait(delayMs, index);
      return null;
    }
    const message = await settle(index, { outcome: 'transport_error', error: error.message, latencyMs });
    const kind = targetErrorKind(error);
    if (kind === 'auth' || kind === 'misconfigured' || gone >= retryPolicy.attempts)
      throw new Stop({ type: 'error', kind, message: `${error.message} ${error.remediation}` });
    if (lost) await session.connect();
    return message;
  }

  async function wait(ms: number, index: number): Promise<void> {
    try {
      await sleep(ms, clock.signal);
    } catch (error) {
      if (!clock.signal.aborted) throw error;
    }
    if (clock.signal.aborted) await endInside(index, 0);
  }

  async function settle(index: number, end: End): Promise<string> {
    await recorder.finishCall(index, end);
    return toolMessage(end);
  }

  return { make };
}

type ReadArguments = { ok: true; args: { [key: string]: unknown } } | { ok: false; problem: string };

/** No text at all is how some models call a tool without parameters. */
function readArguments(text: string): ReadArguments {
  if (text.trim() === '') return { ok: true, args: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
  const entries = toEntries(value);
  return entries ? { ok: true, args: Object.fromEntries(entries) } : { ok: false, problem: 'they are no JSON object' };
}
