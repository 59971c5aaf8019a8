import { z } from 'zod';
import { toCallIndex } from '../../../domain/run/ids.ts';
import { joinEnds } from '../../../domain/values/cut.ts';
import { givenId } from '../../../domain/values/id.ts';
import { findRunPage, type RecordEntry, type Rows } from '../../../infra/db/queries/run-page.ts';
import { answerBytes, countFitting, maxPageBytes } from '../../context/answer-size.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { readPart } from './part.ts';
import { runSchema } from './schema.ts';
import {
  recordPart,
  shownCall,
  shownCriterion,
  shownEvent,
  toShownCall,
  toShownCriterion,
  toShownEvent,
  toShownRun,
} from './shown.ts';

const ids = z.array(z.string().max(100)).min(1).max(50).optional();

export const inspectRunInput = z.object({
  runId: givenId,
  callIds: ids.describe('Only these calls, such as call-3.'),
  eventIds: ids.describe('Only these events, such as event-7.'),
  detail: z
    .enum(['summary', 'full'])
    .default('summary')
    .describe('full: the whole JSON of exactly one call or event, in parts.'),
  offset: z.int().min(0).max(1_000_000_000).optional().describe('With detail full: nextOffset of the part before.'),
  cursor: z.string().max(100).optional().describe('nextCursor of the page before.'),
});

export const inspectRunOutput = z.object({
  run: runSchema,
  prompt: z.string().optional().describe('On the first page, as are judgeModel and finalAnswer.'),
  judgeModel: z.string().optional(),
  finalAnswer: z.string().nullable().optional(),
  criteria: z.array(shownCriterion),
  calls: z.array(shownCall),
  events: z.array(shownEvent),
  part: recordPart.describe('With detail full.'),
  nextCursor: z.string().nullable().describe('Criteria, then calls, then events follow; null at the end.'),
});
type Answer = z.infer<typeof inspectRunOutput>;

const kinds = ['criterion', 'call', 'event'] as const;
/** The next entry of the record: criteria by position, then calls by index, then events by number. */
type Place = { kind: (typeof kinds)[number]; at: number };

const none: Rows = { only: [] };

/**
 * The record of a run so far, in pages that an agent can read: long texts are cut, and the rest of an entry is read
 * with `detail: full`. `getRunArtifacts` has what the judge was asked.
 * @throws ArmatureError `run_not_found`, `validation_failed` for ids that the run doesn't have.
 */
export const inspectRun = useCase({
  name: 'run.inspect',
  access: 'viewer',
  input: inspectRunInput,
  async run({ db, orgId }, input): Promise<Answer> {
    const run = { orgId, runId: input.runId };
    const calls = readIds('call', input.callIds).map(toCallIndex);
    const events = readIds('event', input.eventIds);
    const place = readPlace(input.cursor);
    const isChoice = input.callIds !== undefined || input.eventIds !== undefined;
    const rows = isChoice ? { criteria: none, calls: { only: calls }, events: { only: events } } : rowsFrom(place);
    const isFull = input.detail === 'full';
    if (isFull || input.offset !== undefined) requireOne(input);
    const row = await findRunPage(db, run, isFull ? { criteria: none, calls: none, events: none } : rows);
    if (!row) throw runNotFound();
    const header = {
      run: toShownRun(row),
      ...(!isChoice &&
        input.cursor === undefined && {
          prompt: joinEnds(row.prompt).text,
          judgeModel: row.judgeModel,
          finalAnswer: row.finalAnswer && joinEnds(row.finalAnswer).text,
        }),
    };
    if (isFull) {
      const part = await readPart(db, run, { ...toEntry(input, { calls, events }), offset: input.offset ?? 0 });
      return { ...header, criteria: [], calls: [], events: [], part, nextCursor: null };
    }
    const entries = {
      criteria: row.criteria.map(toShownCriterion),
      calls: row.calls.map(toShownCall),
      events: row.events.map(toShownEvent),
    };
    if (isChoice) requireAll(input, entries);
    return { ...header, ...fillPage(entries, maxPageBytes - answerBytes(header), row) };
  },
});

const rowsFrom = ({ kind, at }: Place) => {
  const from = kinds.indexOf(kind);
  const rows = (index: number): Rows => (index < from ? none : { from: index === from ? at : 0 });
  return { criteria: rows(0), calls: rows(1), events: rows(2) };
};

/**
 * As many entries as fit, in the order of the record. What the database left out follows on the next page as well.
 */
function fillPage(
  entries: Pick<Answer, 'criteria' | 'calls' | 'events'>,
  room: number,
  rows: { criteria: { position: number }[]; calls: { index: number }[]; events: { seq: number }[] },
): Pick<Answer, 'criteria' | 'calls' | 'events' | 'nextCursor'> {
  const all = [...entries.criteria, ...entries.calls, ...entries.events];
  const places: Place[] = [
    ...rows.criteria.map(({ position }) => ({ kind: 'criterion' as const, at: position })),
    ...rows.calls.map(({ index }) => ({ kind: 'call' as const, at: index })),
    ...rows.events.map(({ seq }) => ({ kind: 'event' as const, at: seq })),
  ];
  const count = countFitting(all, room);
  const [criteria, calls] = [entries.criteria.length, entries.criteria.length + entries.calls.length];
  const next = places[count];
  return {
    criteria: entries.criteria.slice(0, count),
    calls: entries.calls.slice(0, Math.max(0, count - criteria)),
    events: entries.events.slice(0, Math.max(0, count - calls)),
    nextCursor: next ? `${next.kind}-${next.at}` : null,
  };
}

function readPlace(cursor: string | undefined): Place {
  if (cursor === undefined) return { kind: 'criterion', at: 0 };
  const [, name, digits] = /^(criterion|call|event)-(\d{1,9})$/.exec(cursor) ?? [];
  const kind = kinds.find((each) => each === name);
  if (!kind)
    throw validationError(
      [{ field: 'cursor', message: 'Invalid cursor for this run.' }],
      'Start again without a cursor.',
    );
  return { kind, at: Number(digits) };
}

/** The numbers in evidence ids. @throws ArmatureError `validation_failed` */
function readIds(kind: 'call' | 'event', given: readonly string[] | undefined): number[] {
  return (given ?? []).map((id, index) => {
    const [, name, digits] = /^(call|event)-(\d{1,9})$/.exec(id) ?? [];
    if (name === kind) return Number(digits);
    const message = `Not the id of ${kind === 'call' ? 'a call, such as call-1' : 'an event, such as event-0'}.`;
    throw validationError([{ field: `${kind}Ids[${index}]`, message }]);
  });
}

function requireOne({ callIds = [], eventIds = [], detail }: z.output<typeof inspectRunInput>): void {
  if (detail !== 'full') throw validationError([{ field: 'offset', message: 'It goes with detail "full".' }]);
  if (callIds.length + eventIds.length !== 1)
    throw validationError([
      {
        field: 'detail',
        message: '"full" shows one entry: name exactly one call in callIds, or one event in eventIds.',
      },
    ]);
}

function toEntry(
  { callIds, eventIds }: z.output<typeof inspectRunInput>,
  { calls, events }: { calls: number[]; events: number[] },
): { entry: RecordEntry; id: string; field: string } {
  const [call] = calls;
  return call === undefined
    ? { entry: { event: events[0] ?? 0 }, id: eventIds?.[0] ?? '', field: 'eventIds[0]' }
    : { entry: { call }, id: callIds?.[0] ?? '', field: 'callIds[0]' };
}

function requireAll(
  { callIds = [], eventIds = [] }: z.output<typeof inspectRunInput>,
  { calls, events }: { calls: { id: string }[]; events: { id: string }[] },
): void {
  const found = new Set([...calls, ...events].map(({ id }) => id));
  const missing = (field: string, given: readonly string[]) =>
    given.flatMap((id, index) =>
      found.has(id) ? [] : [{ field: `${field}[${index}]`, message: `The run has no ${id}.` }],
    );
  const fieldErrors = [...missing('callIds', callIds), ...missing('eventIds', eventIds)];
  if (fieldErrors.length > 0) throw validationError(fieldErrors);
}
