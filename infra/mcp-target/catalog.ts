import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { Tool } from '../../agent/ports.ts';
import { TargetError } from './error.ts';

const maxPages = 100;
const maxTools = 2000;
const maxResources = 2000;

const JsonObject = z.record(z.string(), z.unknown());

// As in the specification; unknown keys are dropped.
const AdvertisedTool = z.object({
  name: z.string().min(1).max(512),
  title: z.string().optional(),
  description: z.string().optional(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
  outputSchema: JsonObject.optional(),
  annotations: z
    .object({
      title: z.string().optional(),
      readOnlyHint: z.boolean().optional(),
      destructiveHint: z.boolean().optional(),
      idempotentHint: z.boolean().optional(),
      openWorldHint: z.boolean().optional(),
    })
    .optional(),
});

// Some servers send a `nextCursor` of null on the last page.
const Page = z.looseObject({ nextCursor: z.string().nullish() });

type Listing = { method: 'tools/list' | 'resources/list'; key: 'tools' | 'resources'; max: number };

async function listAll(
  client: Client,
  { method, key, max }: Listing,
  host: string,
  options: RequestOptions,
): Promise<unknown[]> {
  const items: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method, params }, Page, options);
    const found = answer[key];
    if (!Array.isArray(found)) {
      throw new TargetError('malformed_result', `${host} answered ${method} without a list of ${key}.`);
    }
    items.push(...found);
    if (items.length > max) {
      throw new TargetError('too_large', `${host} lists more than ${max} ${key}.`, { details: { limit: max } });
    }
    cursor = answer.nextCursor ?? undefined;
    if (cursor === undefined || cursor === '') return items;
    if (seen.has(cursor)) {
      throw new TargetError(
        'protocol_error',
        `${host} gives the same cursor of ${method} twice, so that its list never ends.`,
      );
    }
    seen.add(cursor);
  }
  throw new TargetError('too_large', `${host} spreads ${method} over more than ${maxPages} pages.`, {
    details: { limit: maxPages },
  });
}

/** All pages of `tools/list`. @throws {TargetError} `malformed_result` that names an invalid tool */
export async function listTools(client: Client, host: string, options: RequestOptions): Promise<Tool[]> {
  const advertised = await listAll(client, { method: 'tools/list', key: 'tools', max: maxTools }, host, options);
  const names = new Set<string>();
  return advertised.map((each, index) => {
    const parsed = AdvertisedTool.safeParse(each);
    if (!parsed.success) throw malformed(host, index, getName(each), describeIssue(parsed.error));
    const { name, title, description, inputSchema, outputSchema, annotations } = parsed.data;
    if (names.has(name)) throw malformed(host, index, name, 'another tool has the same name');
    names.add(name);
    return {
      name,
      inputSchema,
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      ...(outputSchema !== undefined && { outputSchema }),
      ...(annotations !== undefined && { annotations: defined(annotations) }),
    };
  });
}

export const listResources = (client: Client, host: string, options: RequestOptions): Promise<unknown[]> =>
  listAll(client, { method: 'resources/list', key: 'resources', max: maxResources }, host, options);

function malformed(host: string, index: number, name: string | null, problem: string): TargetError {
  const named = name === null ? '' : ` ("${name.slice(0, 80)}")`;
  return new TargetError(
    'malformed_result',
    `${host} advertises a tool, number ${index + 1}${named}, that is not MCP: ${problem}.`,
  );
}

function getName(tool: unknown): string | null {
  return typeof tool === 'object' && tool !== null && 'name' in tool && typeof tool.name === 'string'
    ? tool.name
    : null;
}

function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || 'tool'}: ${issue.message}` : 'unreadable';
}

/** Drops undefined keys, which zod allows for optional ones. */
function defined({
  title,
  readOnlyHint,
  destructiveHint,
  idempotentHint,
  openWorldHint,
}: NonNullable<z.infer<typeof AdvertisedTool>['annotations']>) {
  return {
    ...(title !== undefined && { title }),
    ...(readOnlyHint !== undefined && { readOnlyHint }),
    ...(destructiveHint !== undefined && { destructiveHint }),
    ...(idempotentHint !== undefined && { idempotentHint }),
    ...(openWorldHint !== undefined && { openWorldHint }),
  };
}
