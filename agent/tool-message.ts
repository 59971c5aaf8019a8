import { compactJson, sameJson } from '../domain/json/json.ts';
import { readPath } from '../domain/json/path.ts';
import { readBlockText } from '../domain/run/content.ts';
import type { ContentBlock, ToolCall, ToolResult } from '../domain/run/run.ts';

/** Characters of a result that the model gets: about 10,000 tokens. */
export const maxResultCharacters = 40_000;

/**
 * The message to the model about a call that ended. Depends on the record alone, so a resumed run repeats it exactly.
 */
export function toolMessage({ outcome, result, error = '' }: Pick<ToolCall, 'outcome' | 'result' | 'error'>): string {
  const unknown = 'Whether it took effect is unknown.';
  switch (outcome) {
    case 'ok':
      return result ? limited(renderResult(result)) : '(The call succeeded; its result was not kept.)';
    case 'tool_error':
      return `The tool returned an error:\n\n${result ? limited(renderResult(result)) : '(Its text was not kept.)'}`;
    case 'rpc_error':
      return `The server answered the call with an error: ${error}`;
    case 'timeout':
      return `The call timed out: ${error} ${unknown}`;
    case 'transport_error':
      return `The call failed on the way: ${error} ${unknown}`;
    case 'started':
    case 'interrupted':
      return `The call was sent, but its answer was lost: ${error} ${unknown}`;
    case 'blocked':
    case 'not_offered':
      return `The call was not made: ${error}`;
  }
}

export const invalidArguments = (tool: string, problem: string): string =>
  `The call was not made: the arguments for ${tool} are not valid: ${problem}. Send a JSON object that fits the tool's input schema.`;

function limited(text: string): string {
  if (text.length <= maxResultCharacters) return text;
  return `${text.slice(0, maxResultCharacters)}\n\n[Cut off: the first ${maxResultCharacters} of ${text.length} characters are shown.]`;
}

/** A result as text: its structured content as JSON, then the blocks that don't repeat it, separated by empty lines. */
export function renderResult({ content, structuredContent, fullBytes }: ToolResult): string {
  const hasStructure = structuredContent !== undefined && structuredContent !== null;
  // Servers repeat structured content as text for older clients.
  const blocks = hasStructure ? content.filter((block) => !repeats(block, structuredContent)) : content;
  const parts = [
    ...(hasStructure ? [compactJson(structuredContent) ?? '(structured content, nested too deeply to show)'] : []),
    ...blocks.map(renderBlock),
    ...(fullBytes === undefined ? [] : [`[Only a part of this result was kept, of ${fullBytes} bytes in all.]`]),
  ].filter((part) => part !== '');
  return parts.length > 0 ? parts.join('\n\n') : '(an empty result)';
}

function repeats(block: ContentBlock, structured: unknown): boolean {
  if (typeof block.text !== 'string') return false;
  try {
    return sameJson(JSON.parse(block.text), structured);
  } catch {
    // Plain text doesn't repeat the structured content.
    return false;
  }
}

function renderBlock(block: ContentBlock): string {
  const text = readBlockText(block);
  if (text !== null) return text;
  const read = (path: string): string | null => {
    const found = readPath(block, path);
    return found.found && typeof found.value === 'string' ? found.value : null;
  };
  const data = read('data') ?? read('resource.blob');
  const type = read('mimeType') ?? read('resource.mimeType');
  if (data !== null) return `[${block.type}${type ? `, ${type}` : ''}, ${data.length} characters of base64, not shown]`;
  return compactJson(block) ?? `[${block.type}]`;
}
