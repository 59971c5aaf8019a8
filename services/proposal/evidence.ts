import { z } from 'zod';
import type { FieldError } from '../../domain/error/error.ts';
import { toCallIndex } from '../../domain/run/ids.ts';
import type { Criterion } from '../../domain/workflow/definition.ts';
import type { Evidence } from '../../domain/workflow/proposal.ts';
import type { Db } from '../../infra/db/index.ts';
import { validationError } from '../context/errors.ts';

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const idPattern = new RegExp(`^(?:${uuid}|(?:${uuid}#)?(?:call|event)-\\d{1,9})$`, 'i');
const idParts = new RegExp(`^(?:(${uuid})#?)?((call|event)-(\\d+))?$`, 'i');

/** Ids of runs, criteria, tool calls and trace events, the last two with or without their run. */
export const evidenceInput = z
  .array(
    z
      .string()
      .max(80)
      .regex(
        idPattern,
        'Invalid id. Use a run id, a criterion id, or the id of a tool call or trace event, such as call-3 or <runId>#event-7.',
      ),
  )
  .max(50)
  .default([])
  .describe(
    'What the change is based on: run ids, criterion ids, and ids of tool calls and trace events. call-3 and event-7 refer to the last run listed before them; <runId>#call-3 names its run.',
  );

/**
 * Finds what the ids refer to.
 * @throws ArmatureError `validation_failed` with the fields `evidence[n]`.
 */
export async function resolveEvidence(
  db: Db,
  { orgId, ids, criteria }: { orgId: string; ids: readonly string[]; criteria: readonly Criterion[] },
): Promise<Evidence[]> {
  const named = ids.map((id) => {
    const [, uuid, local, kind, number] = idParts.exec(id.toLowerCase()) ?? [];
    return { uuid, local, kind, number: Number(number) };
  });
  const runs = await db.run.findMany({
    where: { orgId, id: { in: named.flatMap(({ uuid }) => (uuid === undefined ? [] : [uuid])) } },
    select: { id: true, callCount: true },
  });
  const runIds = new Set(runs.map(({ id }) => id));
  const texts = new Map(criteria.map(({ id, text }) => [id, text]));
  const evidence: Evidence[] = [];
  const fieldErrors: FieldError[] = [];
  let latestRunId: string | undefined;
  for (const [index, { uuid, local, kind, number }] of named.entries()) {
    const addError = (message: string) => fieldErrors.push({ field: `evidence[${index}]`, message });
    const isRun = uuid !== undefined && runIds.has(uuid);
    if (isRun) latestRunId = uuid;
    if (local === undefined) {
      const text = uuid === undefined ? undefined : texts.get(uuid);
      if (isRun) evidence.push({ kind: 'run', runId: uuid });
      else if (uuid !== undefined && text !== undefined) evidence.push({ kind: 'criterion', criterionId: uuid, text });
      else addError('No run in this workspace and no criterion of this workflow has this id.');
      continue;
    }
    const runId = uuid === undefined ? latestRunId : isRun ? uuid : undefined;
    if (runId === undefined) {
      addError(
        uuid === undefined
          ? `List the run that ${local} belongs to before it.`
          : 'No run in this workspace has this id.',
      );
      continue;
    }
    const exists =
      kind === 'call'
        ? await db.toolCall.findFirst({ where: { orgId, runId, index: toCallIndex(number) }, select: { index: true } })
        : await db.traceEvent.findFirst({ where: { orgId, runId, seq: number }, select: { seq: true } });
    if (exists) evidence.push({ kind: kind === 'call' ? 'call' : 'event', runId, id: local });
    else addError(`The run has no ${local}.`);
  }
  if (fieldErrors.length > 0) throw validationError(fieldErrors);
  return evidence;
}
