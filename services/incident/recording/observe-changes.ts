import { createHash } from 'node:crypto';
import { type CatalogToolShape, diffCatalog, type ToolChange } from '../../../domain/catalog/diff.ts';
import { wordsOfChange } from '../../../domain/catalog/labels.ts';
import { incidentCause } from '../../../domain/incident/incident.ts';
import type { Tx } from '../../../infra/db/index.ts';
import type { Deps } from '../../context/context.ts';
import type { DeliveryRef } from '../../delivery/schema.ts';
import { notifyIn } from './notify.ts';
import { recordObservationsIn, type SubjectObservation } from './record.ts';
import { lockSubjects, type SubjectKey, saveSubjects, subjectId } from './subject.ts';
import { toCauseLines } from './text.ts';

/**
 * Records changes of a server's catalog in the incidents of its tools, in the transaction that writes the catalog. A
 * breaking change opens an incident and stores the tool as it was before (the baseline); further changes continue it;
 * it recovers when callers of the baseline can use the tool again. Without changes there is no query.
 * @param of.before active tools before the change, and `after` it
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
  const relevant = changed.filter((tool) => broken.has(tool) || open.has(tool));
  if (relevant.length === 0) return [];

  const [old, now] = [byName(before), byName(after)];
  const subjects = await lockSubjects(
    tx,
    orgId,
    relevant.map((tool) => toToolKey(serverId, tool)),
  );
  const observations = relevant.map((tool): SubjectObservation => {
    const key = toToolKey(serverId, tool);
    const state = subjects.get(subjectId(key))?.state;
    const isOpen = state?.open != null && open.has(tool);
    // Only this file writes baselines, from this type.
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
        // Two catalogs of one millisecond still have an order: the catalog's row lock decides it.
        at: Math.max(at.getTime(), (state?.seenAt ?? 0) + 1),
        level: isOk ? 'ok' : 'bad',
        outcome: isOk ? 'compatible' : 'breaking_change',
      },
      cause: {
        outcome: 'breaking_change',
        changes: toCauseLines((breaking.length > 0 ? breaking : since).flatMap(describeBreaking)),
        ...(baseline && { baseline: toShape(baseline) }),
      },
    };
  });
  const incidents = await recordObservationsIn(tx, { orgId, subjects, observations, now: deps.now() });
  const deliveries = await notifyIn(tx, deps, { orgId, subjects, incidents });
  await saveSubjects(tx, orgId, [...subjects.values()]);
  return deliveries;
}

/** Describes a change; of a breaking one only the fields that break. */
function describeBreaking(change: ToolChange): string[] {
  if (!change.breaking || !('fields' in change)) return wordsOfChange(change);
  return wordsOfChange({ ...change, fields: change.fields.filter(({ breaking }) => breaking) });
}

const toShape = ({ name, title, description, inputSchema, outputSchema, annotations }: CatalogToolShape) => ({
  name,
  title: title ?? null,
  description: description ?? null,
  inputSchema,
  outputSchema: outputSchema ?? null,
  annotations: annotations ?? {},
});

const byName = (tools: readonly CatalogToolShape[]) => new Map(tools.map((tool) => [tool.name, tool]));

/** Names are the server's, of any length; keys are indexed. */
const maxNameLength = 200;

export function toToolKey(serverId: string, tool: string): SubjectKey {
  const short = tool.length > maxNameLength ? `#${createHash('sha256').update(tool).digest('hex')}` : tool;
  return { kind: 'tool_change', key: `${serverId}:${short}` };
}
