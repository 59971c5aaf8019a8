import { describeServerFailure, type RequestFailure } from '../monitor/server-failure.ts';
import { readBlockText } from '../run/content.ts';
import { toCallId, toEventId } from '../run/ids.ts';
import { isInterrupted, type RunErrorKind, type ToolCall } from '../run/run.ts';
import { expectsFailure } from '../workflow/script-warnings.ts';
import { type Case, type Cause, quoted } from './facts.ts';

/** Calls that the tool answered with an error, for other reasons than their arguments. */
export function toolError(of: Case, explained: ReadonlySet<string>): Cause[] {
  const failed = of.calls.filter(
    ({ outcome, index, tool }) =>
      (outcome === 'tool_error' || outcome === 'rpc_error') &&
      !explained.has(toCallId(index)) &&
      !expectsFailure(of.definition, tool) &&
      (of.seenNames === null || of.seenNames.has(tool)),
  );
  return [...Map.groupBy(failed, ({ tool }) => tool)].map(([tool, mine]) => {
    const ids = mine.map(({ index }) => toCallId(index));
    const last = mine.at(-1)?.index ?? 0;
    const later = of.calls.some((call) => call.tool === tool && call.outcome === 'ok' && call.index > last);
    const cited = of.failing.some(({ evidence }) => evidence.some((id) => ids.includes(id)));
    const worked = of.lastPassing?.calls.some((call) => call.tool === tool && call.outcome === 'ok') ?? false;
    const often = describeOften(of, tool);
    return {
      kind: 'tool_error',
      confidence: later ? 0.4 : cited || worked ? 0.9 : 0.8,
      summary: `\`${tool}\` returned an error ${mine.length === 1 ? 'once' : `${mine.length} times`}${later ? ', and succeeded later in the run' : ''}${worked ? '; in the last passing run it succeeded' : ''}.${often}`,
      evidence: ids,
      remediation: often
        ? `The tool fails now and then, with the same workflow: have the server's owner look at \`${tool}\`.`
        : worked
          ? `The tool worked before with this workflow: have the server's owner look at \`${tool}\`; the results of the named calls show its error.`
          : `Read the results of the named calls: either \`${tool}\` is broken, or the prompt asks for something that it can't do.`,
      tools: [tool],
      schema: 'input',
      ...saidIn(mine.map(readError)),
    };
  });
}

/** How often a tool failed in other runs of the version, where it also worked. */
function describeOften({ others, versionId }: Case, tool: string): string {
  const runs = others.runs.filter((run) => run.versionId === versionId && run.status !== 'error');
  const failed = runs.filter(({ failedTools }) => failedTools.includes(tool)).length;
  if (failed === 0 || failed === runs.length) return '';
  return ` It fails now and then: in ${failed} of the ${runs.length} other runs of this version.`;
}

/** The server could not be reached, refused access, or answered with something other than MCP. */
export function transportOrAuth(of: Case): Cause[] {
  const lost = of.calls.filter(({ outcome }) => outcome === 'transport_error');
  const kind = of.run.error?.kind;
  const ended = kind === 'unreachable' || kind === 'auth' || kind === 'protocol';
  if (!ended && lost.length === 0) return [];
  const end = of.events.findLast((event) => event.type === 'error');
  const failure = (ended && end?.type === 'error' ? end.failure : undefined) ?? lost.at(-1)?.failure;
  const { words, remediation } = explain(failure, kind);
  // A call that the end of the run cut off has no outcome of its own.
  const open = ended ? of.calls.filter(isInterrupted) : [];
  const tools = listTools([...lost, ...open]);
  const others = listTools(of.calls.filter(({ outcome, tool }) => outcome === 'ok' && !tools.includes(tool)));
  const isAlone = tools.length === 1 && others.length > 0 && kind !== 'auth';
  const calls = lost.length + open.length === 1 ? 'A tool call' : `${lost.length + open.length} tool calls`;
  const which = tools.length > 0 ? `${calls} failed (${quoted(tools)}). ` : '';
  const alone = isAlone ? ` Only \`${tools[0]}\` is concerned: calls of ${quoted(others.slice(0, 5))} succeeded.` : '';
  return [
    {
      kind: 'transport_or_auth_failure',
      confidence: kind === 'auth' ? 0.97 : ended ? 0.96 : 0.93,
      summary: `${which}${words}${alone}`,
      evidence: [
        ...[...lost, ...open].map(({ index }) => toCallId(index)),
        ...(ended ? listEvents(of, 'error') : []),
        ...listEvents(of, 'retry', ({ of: what }) => what !== 'model'),
      ],
      remediation: isAlone
        ? `The server itself answers: have its owner look at \`${tools[0]}\` and its logs of that time.`
        : remediation,
      tools,
      ...saidIn([...lost.map(readError), ...(ended && of.run.error ? [of.run.error.message] : [])]),
    },
  ];
}

const askOwner =
  "Read what the server said in the named calls and events, and have the server's owner look at its logs of that time.";

/** What went wrong between Armature and the server, and what to do. @param ended the error that ended the run */
function explain(
  failure: RequestFailure | undefined,
  ended: RunErrorKind | undefined,
): { words: string; remediation: string } {
  const { kind, status } = failure ?? {};
  if (status === 429)
    return {
      words: 'The server limits how often it may be called (HTTP 429 Too Many Requests).',
      remediation:
        'Call the server less often: spread schedules, lower its number of concurrent calls, or have its owner raise the limit.',
    };
  if (ended === 'auth' || kind === 'auth' || kind === 'oauth_required')
    return {
      words: `The server refused access${status === undefined ? '' : ` (HTTP ${status})`}.`,
      remediation:
        "Read what the server said. On the server's page, check the URL's host name and the workflow's auth profile: its credential may be missing, expired, or lack a permission.",
    };
  const reason = failure && describeServerFailure(failure);
  if (reason || !failure)
    return {
      words:
        ended === 'protocol'
          ? "The server's answer does not follow the protocol."
          : `The server did not answer${reason ? `: ${reason}` : ''}.`,
      remediation: 'Look at the state of the server (list_mcp_servers), and run the workflow again when it answers.',
    };
  if (status !== undefined)
    return { words: `The server answered with HTTP status ${status} instead of MCP.`, remediation: askOwner };
  return { words: "The server's answer does not follow the protocol.", remediation: askOwner };
}

const maxSaid = 3;
const maxSaidLength = 300;

/** Texts of the server behind a cause, each once, cut. Untrusted. */
function saidIn(texts: readonly string[]): Pick<Cause, 'said'> {
  const said = [...new Set(texts.map((text) => text.trim()).filter(Boolean))].slice(0, maxSaid);
  return said.length === 0 ? {} : { said: said.map((text) => cut(text)) };
}
const cut = (text: string): string =>
  text.length > maxSaidLength ? `${text.slice(0, maxSaidLength - 1).toWellFormed()}…` : text;

const readError = ({ error, result }: ToolCall): string =>
  error ?? result?.content.map((block) => readBlockText(block) ?? '').find((text) => text.trim() !== '') ?? '';

/** Calls that timed out. */
export function timeout(of: Case): Cause[] {
  const late = of.calls.filter(({ outcome }) => outcome === 'timeout');
  if (late.length === 0) return [];
  // The last call was cut off by the run's time limit, not by its own.
  const byRun = of.run.limitHit === 'seconds';
  const allowed = of.definition.limits.toolCallSeconds;
  const tools = listTools(late);
  const usual = of.lastPassing?.calls
    .filter(({ tool, latencyMs }) => latencyMs !== undefined && tools.includes(tool))
    .map(({ latencyMs }) => latencyMs ?? 0);
  const slowest = usual?.length ? Math.max(...usual) : null;
  const before = slowest === null ? '' : ` In the last passing run it took up to ${slowest} ms.`;
  const raised = byRun ? null : raisedSeconds(of, slowest);
  return [
    {
      kind: 'timeout',
      confidence: 0.92,
      summary: `${quoted(tools)} did not answer within ${byRun ? `the run's ${of.definition.limits.seconds} s` : `${allowed} s`}.${before}`,
      evidence: late.map(({ index }) => toCallId(index)),
      remediation:
        raised === null
          ? 'Find out why the tool is slow.'
          : `Give a call up to ${raised} s again, as in the last passing run.`,
      ...(raised === null && {
        decision: `Decide whether ${quoted(tools)} may take longer than ${allowed} s: if not, the test has found a slow tool, and a higher limit would hide it.`,
      }),
      tools,
    },
  ];
}

/** The limit of a call that the last passing run needed and had; null where a higher one would hide a slow tool. */
export function raisedSeconds({ active, definition, lastPassing }: Case, slowestMs: number | null): number | null {
  const had = lastPassing?.definition.limits.toolCallSeconds ?? 0;
  const lowered = had > definition.limits.toolCallSeconds && (slowestMs ?? 0) > definition.limits.toolCallSeconds * 500;
  return lowered && had > active.limits.toolCallSeconds ? had : null;
}

export const listTools = (calls: readonly ToolCall[]): string[] => [...new Set(calls.map(({ tool }) => tool))];

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
