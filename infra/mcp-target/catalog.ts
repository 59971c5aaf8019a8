import { createHash } from 'node:crypto';
import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import { z } from 'zod';
import type { CatalogReport, Tool } from '../../agent/ports.ts';
import { compactJson } from '../../domain/json/json.ts';
import { TargetError } from './error.ts';
import { readTool } from './tool.ts';

const maxPages = 100;
export const maxTools = 2000;
export const maxCatalogBytes = 4 * 1024 * 1024;
/** Of these the rest is only counted, so that a report never grows far beyond the list. */
const maxUnusable = 200;
const maxWarningsLength = 256 * 1024;

const Page = z.looseObject({ nextCursor: z.unknown().optional() });

export type Catalog = { tools: Tool[]; catalog: CatalogReport };

/** The catalog of a server that doesn't declare the `tools` capability: it must not be asked for tools. */
export const undeclared: Catalog = {
  tools: [],
  catalog: { unusable: [], warnings: [], complete: false, declaresTools: false },
};

type ListOptions = {
  host: string;
  request: RequestOptions;
  /** Before anything is cut or quoted. */
  maskTool: (advertised: unknown) => unknown;
  toFailure: (error: unknown) => TargetError;
  /** Whether the server speaks the newer era. */
  isStateless: boolean;
};

/**
 * Reads `tools/list` page by page, up to 2,000 tools and 4 MiB. Tools that can't be called and anything odd about the
 * list are reported beside the good tools.
 * @throws {TargetError} when the first page can't be read, or a later one may be readable soon
 */
export async function listTools(client: Client, options: ListOptions): Promise<Catalog> {
  const { host, request, toFailure } = options;
  const list = createList(options);
  /** Page numbers by the cursors and by the content that were seen. */
  const cursors = new Map<string, number>();
  const contents = new Map<string, number>();
  let cursor: string | undefined;
  for (let page = 1; ; page++) {
    if (page > maxPages)
      return list.end(`The list has more than ${maxPages} pages. Only the first ${maxPages} were read.`);
    const answer = await readPage(page, cursor);
    if ('problem' in answer) return list.end(answer.problem);
    const { items, content, isCut } = take(answer.tools, list.bytesLeft());
    const same = items.length > 0 ? contents.get(content) : undefined;
    if (same !== undefined)
      return list.end(`Page ${page} repeats page ${same}, so reading stopped. The server seems to ignore the cursor.`);
    contents.set(content, page);
    for (const item of items)
      if (!list.add(item))
        return list.end(`The list has more than ${maxTools} tools. Only the first ${maxTools} were read.`);
    if (isCut) return list.end(`The list is larger than 4 MiB. Only its first ${list.size()} tools were read.`);
    const next = answer.nextCursor;
    if (next === undefined || next === null || next === '') return list.end();
    if (typeof next !== 'string') return list.end(`nextCursor of page ${page} isn't a string, so reading stopped.`);
    const earlier = cursors.get(next);
    if (earlier !== undefined)
      return list.end(`Page ${page} has the same nextCursor as page ${earlier}, so reading stopped.`);
    cursors.set(next, page);
    cursor = next;
  }

  async function readPage(
    page: number,
    cursor: string | undefined,
  ): Promise<{ tools: unknown[]; nextCursor?: unknown } | { problem: string }> {
    try {
      const params = cursor === undefined ? {} : { cursor };
      const { tools, nextCursor } = await client.request({ method: 'tools/list', params }, Page, request);
      if (Array.isArray(tools)) return { tools, nextCursor };
      throw new TargetError('malformed_result', `${host} answered tools/list without a list of tools.`);
    } catch (error) {
      if (page === 1 || request.signal?.aborted) throw error;
      const failure = toFailure(error);
      if (failure.retryable) throw failure;
      return { problem: `Page ${page} of the list can't be read: ${failure.message}` };
    }
  }
}

type Item = { advertised: unknown; bytes: number };

/** The items that fit into what is left of the limit, and a hash of them. */
function take(advertised: readonly unknown[], bytesLeft: number): { items: Item[]; content: string; isCut: boolean } {
  const hash = createHash('sha256');
  const items: Item[] = [];
  let left = bytesLeft;
  for (const each of advertised) {
    // What is nested too deeply to be measured is cut when it is masked.
    const json = compactJson(each) ?? '';
    const bytes = Buffer.byteLength(json);
    if (bytes > left) return { items, content: hash.digest('hex'), isCut: true };
    left -= bytes;
    hash.update(json).update('\n');
    items.push({ advertised: each, bytes });
  }
  return { items, content: hash.digest('hex'), isCut: false };
}

function createList({ maskTool, isStateless }: Pick<ListOptions, 'maskTool' | 'isStateless'>) {
  const tools = new Map<string, Tool>();
  const unusable: CatalogReport['unusable'] = [];
  let count = 0;
  let unlisted = 0;
  let bytes = 0;
  let warningsLength = 0;

  const withShortWarnings = (tool: Tool): Tool => {
    if (!tool.warnings) return tool;
    warningsLength += tool.warnings.join('').length;
    if (warningsLength <= maxWarningsLength) return tool;
    return { ...tool, warnings: [`This tool has ${tool.warnings.length} warnings, too many of all tools to list.`] };
  };
  const refuse = (tool: CatalogReport['unusable'][number]): void => {
    if (unusable.length < maxUnusable) unusable.push(tool);
    else unlisted++;
  };

  return {
    size: () => count,
    bytesLeft: () => maxCatalogBytes - bytes,
    /** @returns false when the list is full */
    add(item: Item): boolean {
      if (count === maxTools) return false;
      count++;
      bytes += item.bytes;
      const read = readTool(maskTool(item.advertised), { isStateless });
      if ('unusable' in read) refuse(read.unusable);
      else if (tools.has(read.tool.name))
        refuse({ name: read.tool.name, reasons: ['Another tool has the same name. The first one is used.'] });
      else tools.set(read.tool.name, withShortWarnings(read.tool));
      return true;
    },
    /** @param stopped why the list wasn't read to its end */
    end(stopped?: string): Catalog {
      const more = unlisted > 0 ? [`${unlisted} more tools can't be used.`] : [];
      const warnings = [...(stopped === undefined ? [] : [stopped]), ...more];
      return {
        tools: [...tools.values()],
        catalog: { unusable, warnings, complete: stopped === undefined, declaresTools: true },
      };
    },
  };
}
