import { z } from 'zod';
import { describeIssue } from '../../../domain/error/input-errors.ts';
import type { ApiTool, OperationSearch, ToolAnswer } from '../../../domain/openapi/index.ts';
import { listFieldErrors } from '../../context/errors.ts';

type Asked = {
  name: string;
  args: unknown;
  byName: ReadonlyMap<string, ApiTool>;
  index: OperationSearch;
  call(tool: ApiTool, args: unknown): Promise<ToolAnswer>;
};

const searchInput = z.strictObject({ query: z.string().min(1).max(2000), limit: z.int().min(1).max(20).default(5) });
const describeInput = z.strictObject({ operation: z.string() });
const callInput = z.strictObject({ operation: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) });

/** Answers the tools that stand for all operations of a large API. @returns null for a tool that isn't one of them */
export async function answerSearchTool({ name, args, byName, index, call }: Asked): Promise<ToolAnswer | null> {
  switch (name) {
    case 'search_operations':
      return read(searchInput, args, ({ query, limit }) => {
        const operations = index.search(query, limit).map(({ tool }) => toRow(tool));
        return operations.length > 0
          ? json({ operations })
          : refuse(`No operation fits "${query.slice(0, 200)}". Use other words for what you want to do.`);
      });
    case 'describe_operation':
      return read(describeInput, args, ({ operation }) => {
        const tool = byName.get(operation);
        return tool ? json(describe(tool)) : unknown(operation, index);
      });
    case 'call_read_operation':
    case 'call_write_operation':
      return read(callInput, args, ({ operation, arguments: given }) => {
        const tool = byName.get(operation);
        if (!tool) return unknown(operation, index);
        const reads = tool.annotations.readOnlyHint === true;
        if (reads === (name === 'call_read_operation')) return call(tool, given);
        return refuse(
          reads
            ? `${operation} only reads. Call it with call_read_operation.`
            : `${operation} changes something. Call it with call_write_operation.`,
        );
      });
    default:
      return null;
  }
}

function read<T>(
  schema: z.ZodType<T>,
  args: unknown,
  answer: (input: T) => ToolAnswer | Promise<ToolAnswer>,
): ToolAnswer | Promise<ToolAnswer> {
  const parsed = schema.safeParse(args, { error: describeIssue });
  if (parsed.success) return answer(parsed.data);
  return refuse(
    listFieldErrors(parsed.error)
      .map(({ field, message }) => `${field}: ${message}`)
      .join('\n'),
  );
}

const toRow = ({ name, summary, description, plan, annotations }: ApiTool) => ({
  operation: name,
  request: `${plan.method} ${plan.path}`,
  summary: summary === '' ? description.slice(0, 200) : summary,
  callWith: annotations.readOnlyHint === true ? 'call_read_operation' : 'call_write_operation',
});

const describe = (tool: ApiTool) => ({ ...toRow(tool), description: tool.description, arguments: tool.inputSchema });

function unknown(operation: string, index: OperationSearch): ToolAnswer {
  const near = index.search(operation, 3).map(({ tool }) => tool.name);
  const meant = near.length > 0 ? ` Did you mean ${near.join(', ')}?` : '';
  return refuse(`There is no operation "${operation.slice(0, 100)}".${meant} Find operations with search_operations.`);
}

const json = (value: { [name: string]: unknown }): ToolAnswer => ({
  content: [{ type: 'text', text: JSON.stringify(value) }],
  structuredContent: value,
});

const refuse = (text: string): ToolAnswer => ({ content: [{ type: 'text', text }], isError: true });
