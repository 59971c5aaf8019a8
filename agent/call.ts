import { hasInfiniteNumber, toEntries } from '../domain/json/json.ts';
import type { ToolCall, TraceEventBody } from '../domain/run/run.ts';
import { judgeTool } from '../domain/workflow/tool-policy.ts';
import { type CallContext, type SendContext, sendCall, settleCall } from './send-call.ts';
import { Stop } from './stop.ts';
import { invalidArguments, toolMessage } from './tool-message.ts';

export type RequestedCall = Extract<TraceEventBody, { type: 'model_turn' }>['toolCalls'][number];

/** Makes each call that the model requests once, and returns the message for the model. */
export type Caller = {
  /** @throws Stop when a limit, a cancellation or an unreachable server ends the run */
  make(call: RequestedCall, turn: number): Promise<string>;
};

/** @param recorded the calls of earlier attempts */
export function createCaller({ recorded, ...input }: CallContext & { recorded: readonly ToolCall[] }): Caller {
  const context: SendContext = { ...input, unreachable: { inARow: 0 } };
  const recordedCalls = new Map(recorded.map((call) => [call.index, call]));
  return { make: (call, turn) => makeCall(context, recordedCalls.get(call.index), call, turn) };
}

async function makeCall(
  context: SendContext,
  recorded: ToolCall | undefined,
  { index, tool, arguments: text }: RequestedCall,
  turn: number,
): Promise<string> {
  const { recorder, session, clock, limits, toolPolicy } = context;
  if (recorded && recorded.outcome !== 'started') return toolMessage(recorded);
  clock.check();
  const parsed = parseArguments(text);
  if (recorded) return resumeCall(context, recorded, parsed);
  if (index >= limits.toolCalls) throw new Stop({ type: 'limit', limit: 'toolCalls', allowed: limits.toolCalls });
  const verdict = judgeTool(toolPolicy, session.toolList().names, tool);
  if (verdict !== 'allowed') {
    const error =
      verdict === 'blocked'
        ? `The policy of this test blocks the tool "${tool}".`
        : `The tool "${tool}" isn't in the list of tools.`;
    const refused = { index, turn, tool, arguments: parsed.ok ? parsed.args : text };
    await recorder.refuseCall({ ...refused, outcome: verdict, error });
    return toolMessage({ outcome: verdict, error });
  }
  if (!parsed.ok) return invalidArguments(tool, parsed.problem);
  const problem = session.toolList().problem(tool, parsed.args);
  if (problem !== null) return invalidArguments(tool, problem);
  return sendCall(context, { index, turn, tool, arguments: parsed.args }, 1);
}

/** An earlier attempt committed this call and died before it knew the outcome: the server may have received it. */
async function resumeCall(context: SendContext, recorded: ToolCall, parsed: ParsedArguments): Promise<string> {
  const { recorder, session } = context;
  const { index, turn, tool } = recorded;
  if (!parsed.ok || !session.toolList().isRepeatable(tool))
    return settleCall(recorder, index, {
      outcome: 'interrupted',
      error: 'Armature was interrupted during the call.',
    });
  const attempt = recorded.attempts + 1;
  await recorder.append({
    type: 'retry',
    of: 'tool_call',
    attempt,
    reason: `Armature was interrupted during the call of ${tool}, which may be repeated.`,
    delayMs: 0,
  });
  return sendCall(context, { index, turn, tool, arguments: parsed.args }, attempt);
}

type ParsedArguments = { ok: true; args: { [key: string]: unknown } } | { ok: false; problem: string };

/** Some models send an empty text to call a tool without parameters. */
function parseArguments(text: string): ParsedArguments {
  if (text.trim() === '') return { ok: true, args: {} };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
  if (hasInfiniteNumber(value)) return { ok: false, problem: 'a number is too large' };
  const entries = toEntries(value);
  return entries ? { ok: true, args: Object.fromEntries(entries) } : { ok: false, problem: 'not a JSON object' };
}
