import { resolve } from 'node:path';
import { z } from 'zod';
import type { Tool } from '../agent/ports.ts';
import { type ConnectFlags, toEndpoint, toShownUrl, withTargets } from './connect.ts';
import { incompleteError, usageError } from './exit.ts';
import { type Io, readTextFile } from './io.ts';

const tool = z.object({
  name: z.string(),
  title: z.string().exactOptional(),
  description: z.string().exactOptional(),
  inputSchema: z.record(z.string(), z.unknown()),
  outputSchema: z.record(z.string(), z.unknown()).exactOptional(),
  annotations: z.record(z.string(), z.unknown()).exactOptional(),
});
const catalogFile = z.object({ tools: z.array(tool) });
export type Catalog = { url?: string; server?: { name: string; version: string }; tools: z.infer<typeof tool>[] };

/**
 * The tools of a server, or of a file that `armature catalog` or a `tools/list` request wrote.
 * @throws CommandError
 */
export async function readCatalog(io: Io, source: string, flags: ConnectFlags): Promise<Catalog> {
  if (!/^https?:/.test(source)) return parseCatalog(source, await readTextFile(resolve(io.cwd, source), 'Catalog'));
  const endpoint = toEndpoint(io, source, flags);
  const result = await withTargets((targets) => targets.probe(endpoint, { signal: io.signal }));
  if (!result.ok) throw incompleteError(`${result.failure.message} ${result.failure.remediation}`);
  return { url: toShownUrl(source), server: result.server, tools: result.tools.map(toCatalogTool) };
}

function parseCatalog(path: string, text: string): Catalog {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw usageError(`${path} is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const parsed = catalogFile.safeParse(json);
  if (parsed.success) return parsed.data;
  throw usageError(
    `${path} is not a catalog. \`armature catalog <url> -o ${path}\` writes one.`,
    parsed.error.issues.slice(0, 10).map(({ path: at, message }) => ({ path, message: `${at.join('.')}: ${message}` })),
  );
}

const toCatalogTool = ({ warnings: _w, taskSupport: _t, annotations, ...rest }: Tool): Catalog['tools'][number] => ({
  ...rest,
  ...(annotations && { annotations: { ...annotations } }),
});

/** Sorted by name, so that the file changes only where the server does. */
export const toCatalogFile = ({ tools, ...rest }: Catalog): string =>
  `${JSON.stringify({ ...rest, tools: tools.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }, null, 2)}\n`;
