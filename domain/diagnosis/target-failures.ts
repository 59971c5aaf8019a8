import { toCallId, toEventId } from '../run/ids.ts';
import type { ToolCall } from '../run/run.ts';
import { limits as limitsSchema } from '../workflow/definition.ts';
import { type Case, type Cause, changeIfAny, quoted } from './facts.ts';

/** Calls that the tool answered with `isError`, for other reasons than their arguments. */
export function toolError(of: Case, explained: ReadonlySet<string>): Cause[] {
  const failed = of.calls.filter(
    ({ outcome, index, tool }) =>
      (outcome === 'tool_error' || outcome === 'rpc_error') &&
      !explained.has(toCallId(index)) &&
      (of.seenNames === null || of.seenNames.has(tool)),
  );
  const tools = [...new Set(failed.map(({ tool }) => tool))];
  return tools.map((tool) => {
    const mine = failed.filter((call) => call.tool === tool);
    const ids = mine.map(({ index }) => toCallId(index));
    const later = of.calls.some(
      (call) => call.tool === tool && call.outcome === 'ok' && call.index > (mine.at(-1)?.index ?? 0),
    );
    const cited = of.failing.some(({ evidence }) => evidence.some((id) => ids.includes(id)));
    const worked = of.lastPassing?.calls.some((call) => call.tool === tool && call.outcome === 'ok') ?? false;
    return {
      kind: 'tool_error',
      confidence: later ? 0.4 : cited ? 0.9 : 0.75,
      summary: `\`${tool}\` returned an error ${mine.length === 1 ? 'once' : `${mine.length} times`}${later ? ', and succeeded later in the run' : ''}${worked ? '; in the last passing run it succeeded' : ''}.`,
      evidence: ids,
      remediation: worked
        ? `The tool worked before with this workflow: have the server's owner look at \`${tool}\`; the results of the named calls show its error.`
        : `Read the results of the named calls: either \`${tool}\` is broken, or the prompt asks for something that it can't do.`,
    };
  });
}

/** The server could not be reached or refused the credentials. */
export function transportOrAuth(of: Case): Cause[] {
  const lost = of.calls.filter(({ outcome }) => outcome === 'transport_error');
  const kind = of.run.error?.kind;
  const ended = kind === 'unreachable' || kind === 'auth' || kind === 'protocol';
  if (!ended && lost.length === 0) return [];
  const evidence = [
    ...lost.map(({ index }) => toCallId(index)),
    ...(ended ? listEvents(of, 'error') : []),
    ...listEvents(of, 'retry', ({ of: what }) => what !== 'model'),
  ];
  if (kind === 'auth')
    return [
      {
        kind: 'transport_or_auth_failure',
        confidence: 0.97,
        summary: 'The server refused the credential of the auth profile.',
        evidence,
        remediation:
          "Renew the credential of the workflow's auth profile on the server's page, then run the workflow again.",
      },
    ];
  const words =
    kind === 'protocol'
      ? "The server's answer does not follow the protocol."
      : ended
        ? 'The server could not be reached.'
        : `${lost.length === 1 ? 'A tool call' : `${lost.length} tool calls`} failed on the way to the server (${quoted(listTools(lost))}).`;
  return [
    {
      kind: 'transport_or_auth_failure',
      confidence: ended ? 0.95 : 0.8,
      summary: words,
      evidence,
      remediation:
        'Look at the state of the server (list_mcp_servers), sync its capabilities, and run the workflow again when it answers.',
    },
  ];
}

/** Calls that timed out. */
export function timeout(of: Case): Cause[] {
  const late = of.calls.filter(({ outcome }) => outcome === 'timeout');
  if (late.length === 0) return [];
  const { limits } = of.active;
  const maxSeconds = limitsSchema.shape.toolCallSeconds.unwrap().maxValue ?? 600;
  // The last call was cut off by the run's time limit, not by its own.
  const byRun = of.run.limitHit === 'seconds';
  const raised = Math.min(Math.max(limits.toolCallSeconds, of.definition.limits.toolCallSeconds * 2), maxSeconds);
  const canRaise = !byRun && raised > limits.toolCallSeconds;
  const usual = of.lastPassing?.calls
    .filter(({ tool, latencyMs }) => latencyMs !== undefined && late.some((call) => call.tool === tool))
    .map(({ latencyMs }) => latencyMs ?? 0);
  const before = usual?.length ? ` In the last passing run it took up to ${Math.max(...usual)} ms.` : '';
  return [
    {
      kind: 'timeout',
      confidence: 0.9,
      summary: `${quoted(listTools(late))} did not answer within ${byRun ? `the run's ${of.definition.limits.seconds} s` : `${of.definition.limits.toolCallSeconds} s`}.${before}`,
      evidence: late.map(({ index }) => toCallId(index)),
      remediation: canRaise
        ? `Find out why the tool is slow, or give a call up to ${raised} s if that is how long it may take.`
        : 'Find out why the tool is slow.',
      ...changeIfAny(canRaise ? { limits: { ...limits, toolCallSeconds: raised } } : {}),
    },
  ];
}

const listTools = (calls: readonly ToolCall[]): string[] => [...new Set(calls.map(({ tool }) => tool))];

/** Evidence ids of the events of a type. */
export function listEvents<T extends Case['events'][number]['type']>(
  { events }: Case,
  type: T,
  which: (event: Extract<Case['events'][number], { type: T }>) => boolean = () => true,
): string[] {
  const hasOutcome = (event: Case['events'][number]): event is Extract<Case['events'][number], { type: T }> =>
    event.type === type;
  return events
    .filter(hasOutcome)
    .filter(which)
    .map(({ seq }) => toEventId(seq));
}
