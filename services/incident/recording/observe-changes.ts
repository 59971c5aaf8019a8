import { createHash } from 'node:crypto';
import { type CatalogToolShape, diffCatalog, type ToolChange } from '../../../domain/catalog/diff.ts';
import { wordsOfChange } from '../../../domain/catalog/labels.ts';
import { incidentCause } from '../../../domain/incident/incident.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/ref.ts';
import { tellIn } from './notify.ts';
import { type Seen, takeIn } from './record.ts';
import { lockSubjects, nameOf, type SubjectKey, saveSubjects } from './subject.ts';
import { keptLines } from './text.ts';

/**
 * Takes what changed in a server's catalog to the incidents of its tools, in the transaction that writes the catalog. A breaking change
 * opens one and keeps the tool as it was before (the baseline); further changes continue it; it has recovered when a caller of the
 * baseline can use the tool again. `before`, `after`: the active tools. Nothing changed: no query.
 */
export async function observeChangesIn(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  of: {
    orgId: string;
    serverId: string;
    changes: readonly ToolChange[];
    before: readonly CatalogToolShape[];
    after: readonly CatalogToolShape[];
    at: Date;
  },
): Promise<DeliveryRef[]> {
  const { orgId, serverId, changes, before, after, at } = of;
  if (changes.length === 0) return [];
  const changed = [...new Set(changes.map(({ tool }) => tool))];
  const open = new Map(
    (
      await tx.incident.findMany({
        where: { orgId, serverId, subjectKind: 'tool_change', closedAt: null, tool: { in: changed } },
        select: { tool: true, cause: true },
      })
    ).map(({ tool, cause }) => [tool, incidentCause.parse(cause).baseline]),
  );
  const broken = new Set(changes.filter(({ breaking }) => breaking).map(({ tool }) => tool));
  const concerned = changed.filter((tool) => broken.has(tool) || open.has(tool));
  if (concerned.length === 0) return [];

  const [old, now] = [byName(before), byName(after)];
  const subjects = await lockSubjects(
    tx,
    orgId,
    concerned.map((tool) => keyOf(serverId, tool)),
  );
  const seen = concerned.map((tool): Seen => {
    const key = keyOf(serverId, tool);
    const state = subjects.get(nameOf(key))?.state;
    const isOpen = state?.open != null && open.has(tool);
    // Written by this file alone, from this very type.
    const baseline = (isOpen ? open.get(tool) : old.get(tool)) as CatalogToolShape | undefined;
    const current = now.get(tool);
    const since = diffCatalog(baseline ? [baseline] : [], current ? [current] : []);
    const breaking = since.filter((change) => change.breaking);
    const isOk = isOpen ? breaking.length === 0 : !broken.has(tool);
    return {
      ...key,
      serverId,
      tool,
      observation: {
        // Two pictures of one millisecond are still one after the other: the catalog's row lock says which.
        at: Math.max(at.getTime(), (state?.seenAt ?? 0) + 1),
        level: isOk ? 'ok' : 'bad',
        outcome: isOk ? 'compatible' : 'breaking_change',
      },
      cause: {
        outcome: 'breaking_change',
        changes: keptLines((breaking.length > 0 ? breaking : since).flatMap(wordsOfBreaking)),
        ...(baseline && { baseline: shapeOf(baseline) }),
      },
    };
  });
  const incidents = await takeIn(tx, { orgId, subjects, seen });
  const deliveries = await tellIn(tx, deps, { orgId, subjects, incidents });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return deliveries;
}

/** Of a change that breaks, the fields that do. */
function wordsOfBreaking(change: ToolChange): string[] {
  if (!change.breaking || !('fields' in change)) return wordsOfChange(change);
  return wordsOfChange({ ...change, fields: change.fields.filter(({ breaking }) => breaking) });
}

const shapeOf = ({ name, title, description, inputSchema, outputSchema, annotations }: CatalogToolShape) => ({
  name,
  title: title ?? null,
  description: description ?? null,
  inputSchema,
  outputSchema: outputSchema ?? null,
  annotations: annotations ?? {},
});

const byName = (tools: readonly CatalogToolShape[]) => new Map(tools.map((tool) => [tool.name, tool]));

/** Names are the server's and of any length, keys stand in an index. */
const longestName = 200;

export function keyOf(serverId: string, tool: string): SubjectKey {
  const short = tool.length > longestName ? `#${createHash('sha256').update(tool).digest('hex')}` : tool;
  return { kind: 'tool_change', key: `${serverId}:${short}` };
}
