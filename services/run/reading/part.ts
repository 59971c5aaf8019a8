import type { z } from 'zod';
import { sliceStart } from '../../../domain/values/cut.ts';
import type { Db } from '../../../infra/db/index.ts';
import { findRecordPart, type RecordEntry } from '../../../infra/db/queries/run-page.ts';
import { answerBytes, maxPageBytes } from '../../context/answer-size.ts';
import { validationError } from '../../context/errors.ts';
import type { recordPart } from './shown.ts';

/** Characters that are read at a time; fewer are shown where they take many bytes. */
const maxPartLength = 24_000;

/**
 * A part of one entry of a run's record, as much as an answer has room for.
 * @param of.id evidence id of the entry. `of.field`: the argument that named it.
 * @throws ArmatureError `validation_failed` if the run has no such entry.
 */
export async function readPart(
  db: Db,
  run: { orgId: string; runId: string },
  of: { entry: RecordEntry; id: string; field: string; offset: number },
): Promise<NonNullable<z.infer<typeof recordPart>>> {
  const { entry, id, field, offset } = of;
  const found = await findRecordPart(db, run, entry, { offset, length: maxPartLength });
  if (!found) throw validationError([{ field, message: `The run has no ${id}.` }]);
  const text = takeFitting(found.text);
  const next = offset + [...text].length;
  return {
    id,
    offset,
    text,
    nextOffset: next < found.stored ? next : null,
    stored: found.stored,
    total: Math.max(found.stored, found.fullBytes ?? 0),
  };
}

function takeFitting(text: string): string {
  let part = text;
  while (answerBytes(part) > maxPageBytes) part = sliceStart(part, Math.floor(part.length * 0.8));
  return part;
}
