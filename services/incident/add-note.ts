import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { hasNoOwnKey, ownKeyProblem } from '../../domain/secret/own-key.ts';
import { givenId } from '../../domain/values/id.ts';
import { longText } from '../../domain/values/text.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { requireIncident, toUpdateRow } from './update.ts';

/** Of one incident. */
const maxNotes = 1000;

/**
 * Adds a note to an incident, open or closed. Notes are never changed.
 * @throws ArmatureError `incident_not_found`, `validation_failed`, `conflict` (too many notes)
 */
export const addIncidentNote = useCase({
  name: 'incident.add_note',
  access: 'editor',
  input: z.object({
    incidentId: givenId,
    text: longText('note', 4000).min(1, 'Enter a note.').refine(hasNoOwnKey, ownKeyProblem),
    noteId: z.uuid().optional().describe('An id of your own: sent again, the note is added once.'),
  }),
  async run(context, { incidentId, text, noteId = newId() }): Promise<{ noteId: string; at: string }> {
    const { orgId, write } = context;
    const { row } = await write(
      async (tx) => {
        await requireIncident(tx, { orgId, incidentId });
        const notes = await tx.incidentUpdate.count({ where: { orgId, incidentId, kind: 'note' } });
        const isFull = notes >= maxNotes;
        const data = toUpdateRow(context, { id: noteId, incidentId, kind: 'note', text });
        const { count } = isFull
          ? { count: 0 }
          : await tx.incidentUpdate.createMany({ data: [data], skipDuplicates: true });
        const row = await tx.incidentUpdate.findFirst({ where: { orgId, incidentId, id: noteId, kind: 'note', text } });
        if (!row)
          throw new ArmatureError(
            'conflict',
            isFull ? `An incident has at most ${maxNotes} notes.` : 'Another note has this noteId.',
            isFull ? 'Write elsewhere.' : 'Use a new noteId, or leave it out.',
          );
        return { row, isNew: count > 0 };
      },
      ({ isNew }) => (isNew ? { subject: incidentId, data: { noteId } } : null),
    );
    return { noteId, at: row.at.toISOString() };
  },
});
