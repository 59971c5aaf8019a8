import { z } from 'zod';
import type { FieldError } from '../../domain/error/error.ts';
import type { Criterion } from '../../domain/workflow/definition.ts';
import type { Evidence } from '../../domain/workflow/proposal.ts';
import type { Db } from '../../infra/db/index.ts';
import { validationError } from '../context/errors.ts';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const form = new RegExp(`^(?:${uuid}|(?:${uuid}#)?(?:call|event)-\\d{1,9})$`, 'i');
const parts = new RegExp(`^(?:(${uuid})#?)?((call|event)-(\\d+))?$`, 'i');

/** Evidence as it is given: ids, those of calls and events with or without their run. */
export const evidenceInput = z
  .array(
    z
      .string()
      .max(80)
      .regex(
        form,
        'A run id, a criterion id, or the id of a tool call or trace event, such as call-3 or <runId>#event-7.',
      ),
  )
  .max(50)
  .default([])
  .describe(
    'What the change rests on: run ids, criterion ids, and ids of tool calls and trace events (call-3, event-7), which belong to the run named last before them, or as <runId>#call-3.',
  );

/**
 * What the ids stand for, each checked to be there.
 * @throws ArmatureError `validation_failed` with the fields `evidence[n]`.
 */
export async function resolveEvidence(
  db: Db,
  { orgId, ids, criteria }: { orgId: string; ids: readonly string[]; criteria: readonly Criterion[] },
): Promise<Evidence[]> {
  const named = ids.map((id) => {
    const [, uuid, local, kind, number] = parts.exec(id.toLowerCase()) ?? [];
    return { uuid, local, kind, number: Number(number) };
  });
  const runs = await db.run.findMany({
    where: { orgId, id: { in: named.flatMap(({ uuid }) => (uuid === undefined ? [] : [uuid])) } },
    select: { id: true, callCount: true },
  });
  const runIds = new Set(runs.map(({ id }) => id));
  const texts = new Map(criteria.map(({ id, text }) => [id, text]));
  const found: Evidence[] = [];
  const fieldErrors: FieldError[] = [];
  let latest: string | undefined;
  for (const [index, { uuid, local, kind, number }] of named.entries()) {
    const wrong = (message: string) => fieldErrors.push({ field: `evidence[${index}]`, message });
    const isRun = uuid !== undefined && runIds.has(uuid);
    if (isRun) latest = uuid;
    if (local === undefined) {
      const text = uuid === undefined ? undefined : texts.get(uuid);
      if (isRun) found.push({ kind: 'run', runId: uuid });
      else if (uuid !== undefined && text !== undefined) found.push({ kind: 'criterion', criterionId: uuid, text });
      else wrong('No run of this workspace and no criterion of this workflow has this id.');
      continue;
    }
    const runId = uuid === undefined ? latest : isRun ? uuid : undefined;
    if (runId === undefined) {
      wrong(uuid === undefined ? `Name the run that ${local} belongs to before it.` : 'There is no such run.');
      continue;
    }
    const isThere =
      kind === 'call'
        ? await db.toolCall.findFirst({ where: { orgId, runId, index: number }, select: { index: true } })
        : await db.traceEvent.findFirst({ where: { orgId, runId, seq: number }, select: { seq: true } });
    if (isThere) found.push({ kind: kind === 'call' ? 'call' : 'event', runId, id: local });
    else wrong(`The run has no ${local}.`);
  }
  if (fieldErrors.length > 0) throw validationError(fieldErrors);
  return found;
}
