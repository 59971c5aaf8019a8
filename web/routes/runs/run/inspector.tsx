import { withExactNumbers } from '../../../../domain/json/exact.ts';
import { toCallNumber } from '../../../../domain/run/call-number.ts';
import type { ToolCall, TraceEvent } from '../../../../domain/run/run.ts';
import type { TraceStep } from '../../../../services/run/trace/trace-step.ts';
import { CodeBlock } from '../../../ui/base/code-block.tsx';
import { Code, DisclosureIcon } from '../../../ui/base/text.tsx';
import { JsonTree } from '../../../ui/data/json-tree.tsx';
import { isJson, parseJson } from './json.ts';

/** All that was said in a step: arguments, result and schema of a call, the text of a turn, and the record as it is. */
export function Inspector({ step: { event, call, tool, ownTools } }: { step: TraceStep }) {
  if (event === null) return <p className="text-muted">This step is not in the trace.</p>;
  return (
    <div className="space-y-3">
      {call ? <Call call={call} /> : <Event event={event} ownTools={ownTools} />}
      {tool ? (
        <Fold title="Schema">
          <Value label={`Input schema of ${call?.tool ?? ''}`} value={tool.inputSchema} />
          {tool.outputSchema === null ? null : (
            <Value label={`Output schema of ${call?.tool ?? ''}`} value={tool.outputSchema} />
          )}
        </Fold>
      ) : null}
      <Fold title="Raw">
        <CodeBlock label="Recorded">{JSON.stringify(call ?? event, null, 2)}</CodeBlock>
      </Fold>
    </div>
  );
}

function Fold({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <details>
      <summary className="flex min-h-11 items-center gap-1 text-xs font-medium text-muted hover:text-ink md:min-h-6">
        <DisclosureIcon />
        {title}
      </summary>
      <div className="mt-2 space-y-2">{children}</div>
    </details>
  );
}

/** JSON as a tree, anything else as text. */
function Value({ label, value }: { label: string; value: unknown }) {
  const shown = typeof value === 'string' ? parseJson(value) : value;
  const isTree = typeof shown === 'object' && shown !== null && isJson(shown);
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs text-muted">{label}</p>
      {isTree ? (
        <JsonTree label={label} value={shown} />
      ) : (
        <CodeBlock label={label}>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</CodeBlock>
      )}
    </div>
  );
}

function Call({ call }: { call: ToolCall }) {
  const number = toCallNumber(call.index);
  return (
    <>
      {call.error && !isRefused(call) ? <p className="text-fail [overflow-wrap:anywhere]">{call.error}</p> : null}
      {listNotes(call).map((note) => (
        <p key={note} className="text-partial">
          {note}
        </p>
      ))}
      <div className="grid gap-3 lg:grid-cols-2">
        <Value label={`Arguments of call ${number}`} value={call.arguments} />
        {call.result ? (
          <Value label={`Result of call ${number}`} value={readResult(call.result)} />
        ) : call.outcome === 'started' ? (
          <p className="text-muted">Waiting for the result.</p>
        ) : call.error ? null : (
          <p className="text-muted">The result is not stored, or is shown when the run has ended.</p>
        )}
      </div>
    </>
  );
}

/** Never sent, which the notes say. */
const isRefused = ({ outcome }: ToolCall): boolean => outcome === 'blocked' || outcome === 'not_offered';

/** What the result's own text doesn't say. */
function listNotes({ result, outcome }: ToolCall): string[] {
  if (outcome === 'interrupted') return ['Armature was interrupted during this call: it proves nothing.'];
  if (outcome === 'blocked') return ['The tool policy blocks this tool: the call was not sent to the server.'];
  if (outcome === 'not_offered')
    return ['This tool was not offered to the agent: the call was not sent to the server.'];
  if (!result) return [];
  const { fullBytes, outputFit, notes = [] } = result;
  return [
    ...(outputFit?.fits === false
      ? [`The result breaks the tool's output schema: ${outputFit.issues.join('; ')}.`]
      : []),
    ...(outputFit?.fits === null ? [`The result was not checked: ${outputFit.reason}.`] : []),
    ...(fullBytes === undefined ? [] : [`Only the beginning of this result was kept, of ${fullBytes} bytes in all.`]),
    ...notes,
  ];
}

/** Structured content, or what the content blocks say. */
function readResult({ content, structuredContent, exactNumbers }: NonNullable<ToolCall['result']>): unknown {
  // Older browsers can't write numbers with more digits than they calculate with.
  const isExact = exactNumbers !== undefined && 'rawJSON' in JSON;
  if (structuredContent !== undefined)
    return isExact ? withExactNumbers(structuredContent, exactNumbers) : structuredContent;
  if (content.some(({ text }) => text === undefined)) return content;
  return content.map(({ text }) => text).join('\n');
}

function Event({ event, ownTools }: { event: TraceEvent; ownTools: string[] }) {
  switch (event.type) {
    case 'connected':
      return (
        <>
          <p className="flex flex-wrap gap-1">
            {event.offered.map((name) => (
              <Code key={name}>{name}</Code>
            ))}
          </p>
          {ownTools.length > 0 ? (
            <p className="text-muted">
              {ownTools.join(' and ')} come from Armature, so that the agent can read the server's resources.
            </p>
          ) : null}
        </>
      );
    case 'model_turn':
      return (
        <>
          {event.content ? (
            <CodeBlock label={`Model turn ${event.turn}`}>{event.content}</CodeBlock>
          ) : (
            <p className="text-muted">The model wrote no text.</p>
          )}
          {event.toolCalls.map(({ index, tool, arguments: args }) => (
            <Value key={index} label={`Requested call ${toCallNumber(index)} ${tool}`} value={args} />
          ))}
        </>
      );
    case 'final_answer':
      return <Value label="Final answer" value={event.content} />;
    case 'error':
      return <p className="[overflow-wrap:anywhere]">{event.message}</p>;
    case 'retry':
      return <p className="[overflow-wrap:anywhere]">{event.reason}</p>;
    default:
      return null;
  }
}
