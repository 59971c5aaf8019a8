import type { ApiTool, ToolAnnotations } from '../tool/tool.ts';

export type SearchModeTool = {
  name: 'search_operations' | 'describe_operation' | 'call_read_operation' | 'call_write_operation';
  description: string;
  inputSchema: {
    type: 'object';
    properties: { [name: string]: unknown };
    required: string[];
    additionalProperties: false;
  };
  annotations: ToolAnnotations;
};

const maxTagsLength = 1200;

const operation = { type: 'string', description: 'Its name, as search_operations returns it.' };
const callArguments = { type: 'object', description: 'As describe_operation shows them.' };
const call = (properties: { [name: string]: unknown }, required: string[]): SearchModeTool['inputSchema'] => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/**
 * The four tools that stand for all operations of a large API. Reading and writing are apart, so that clients can ask
 * for consent to each.
 */
export function searchModeTools(tools: readonly ApiTool[]): SearchModeTool[] {
  const search = {
    query: { type: 'string', description: 'What you want to do, in a few words, such as "refund a payment".' },
    limit: { type: 'integer', minimum: 1, maximum: 20, default: 5 },
  };
  return [
    {
      name: 'search_operations',
      description: `Finds operations of this API, best first. Next: describe_operation.${topics(tools)}`,
      inputSchema: call(search, ['query']),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    {
      name: 'describe_operation',
      description:
        'Shows what an operation does and which arguments it takes. Next: call_read_operation, or call_write_operation where it changes something.',
      inputSchema: call({ operation }, ['operation']),
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    {
      name: 'call_read_operation',
      description: 'Calls an operation that only reads, and returns its answer.',
      inputSchema: call({ operation, arguments: callArguments }, ['operation']),
      annotations: { readOnlyHint: true },
    },
    {
      name: 'call_write_operation',
      description: 'Calls an operation that changes something, and returns its answer.',
      inputSchema: call({ operation, arguments: callArguments }, ['operation']),
      annotations: { readOnlyHint: false, destructiveHint: true },
    },
  ];
}

/** What the API is about, by the tags that most operations have. */
function topics(tools: readonly ApiTool[]): string {
  const counts = new Map<string, number>();
  for (const { tags } of tools) for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const sorted = [...counts]
    .sort(([one, a], [two, b]) => b - a || (one < two ? -1 : 1))
    .map(([tag]) => tag.slice(0, 60));
  let text = '';
  for (const tag of sorted) {
    if (text.length + tag.length > maxTagsLength) break;
    text += `${text === '' ? '' : ', '}${tag}`;
  }
  return text === '' ? '' : ` It has ${tools.length} operations on: ${text}.`;
}
