import { z } from 'zod';
import { toCallId, toEventId } from '../../../domain/run/ids.ts';
import { runStatuses } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { type CriterionEnds, findRunArtifacts, type Rows, type TurnEnds } from '../../../infra/db/queries/run-page.ts';
import { answerBytes, countFitting, maxPageBytes } from '../../context/answer-size.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { readPart } from './part.ts';
import { createCutter, recordPart, shownCall, toShownCall, truncated } from './shown.ts';

const shownTurn = z.object({
  eventId: z.string(),
  turn: z.int(),
  content: z.string(),
  toolCalls: z
    .array(z.object({ callId: z.string(), tool: z.string(), arguments: z.string() }))
    .or(z.string())
    .describe('What the model wrote, or the two ends of it as text.'),
  answers: z.array(shownCall).describe('The first 20 calls of the turn.'),
  truncated,
});

const shownJudgement = z.object({
  criterionId: z.uuid(),
  position: z.int(),
  text: z.string(),
  model: z.string(),
  request: z.string(),
  response: z.string(),
  truncated,
});

export const getRunArtifactsInput = z.object({
  runId: givenId,
  position: z
    .int()
    .min(0)
    .max(10_000)
    .optional()
    .describe('Position of a criterion: the whole of what its judge was asked and answered, in parts.'),
  offset: z.int().min(0).max(1_000_000_000).optional().describe('With position: nextOffset of the part before.'),
  cursor: z.string().max(100).optional().describe('nextCursor of the page before.'),
});

export const getRunArtifactsOutput = z.object({
  runId: z.uuid(),
  status: z.enum(runStatuses),
  finalAnswer: z.string().nullable().optional().describe('On the first page.'),
  transcript: z.array(shownTurn).describe('Each model turn, with the calls that it asked for and their answers.'),
  judge: z.array(shownJudgement).describe('What the judge was asked and answered; nothing for assertions.'),
  part: recordPart.describe('With position.'),
  nextCursor: z.string().nullable().describe('Turns, then judgements follow; null at the end.'),
});

const none: Rows = { only: [] };
/** Beyond the numbers of events. */
const noTurns = 2_000_000_000;

/**
 * What a run produced, in pages that an agent can read: final answer, transcript, and what the judge was asked and
 * answered. Long texts are cut; the whole of a judgement is read by its position, that of a call by `inspectRun`.
 * @throws ArmatureError `run_not_found`, `validation_failed` for a criterion that no judge graded.
 */
export const getRunArtifacts = useCase({
  name: 'run.artifacts',
  access: 'viewer',
  input: getRunArtifactsInput,
  async run({ db, orgId }, { runId, position, offset, cursor }): Promise<z.infer<typeof getRunArtifactsOutput>> {
    if (offset !== undefined && position === undefined)
      throw validationError([{ field: 'offset', message: 'It goes with position.' }]);
    const run = { orgId, runId };
    const place = position === undefined ? readPlace(cursor) : null;
    const row = await findRunArtifacts(db, run, {
      turnsFrom: place?.kind === 'turn' ? place.at : noTurns,
      criteria: place === null ? none : { from: place.kind === 'criterion' ? place.at : 0 },
    });
    if (!row) throw runNotFound();
    const header = { runId, status: row.status };
    if (position !== undefined) {
      const of = { entry: { criterion: position }, id: `judgement at position ${position}`, field: 'position' };
      const part = await readPart(db, run, { ...of, offset: offset ?? 0 });
      return { ...header, transcript: [], judge: [], part, nextCursor: null };
    }
    const cut = createCutter();
    const finalAnswer = cursor === undefined ? { finalAnswer: row.finalAnswer && cut.text(row.finalAnswer) } : {};
    const transcript = row.turns.map(toShownTurn);
    const judge = row.criteria.flatMap(toJudgement);
    const count = countFitting([...transcript, ...judge], maxPageBytes - answerBytes({ ...header, ...finalAnswer }));
    const [nextTurn, nextJudgement] = [row.turns[count], judge[count - transcript.length]];
    return {
      ...header,
      ...finalAnswer,
      transcript: transcript.slice(0, count),
      judge: judge.slice(0, Math.max(0, count - transcript.length)),
      nextCursor: nextTurn ? `turn-${nextTurn.seq}` : nextJudgement ? `criterion-${nextJudgement.position}` : null,
    };
  },
});

function readPlace(cursor: string | undefined): { kind: 'turn' | 'criterion'; at: number } {
  if (cursor === undefined) return { kind: 'turn', at: 0 };
  const [, name, digits] = /^(turn|criterion)-(\d{1,9})$/.exec(cursor) ?? [];
  if (name === undefined)
    throw validationError(
      [{ field: 'cursor', message: 'Invalid cursor for this run.' }],
      'Start again without a cursor.',
    );
  return { kind: name === 'turn' ? 'turn' : 'criterion', at: Number(digits) };
}

const writtenCalls = z.array(z.object({ index: z.int(), tool: z.string(), arguments: z.string() }));

function toShownTurn({ seq, turn, content, toolCalls, answers }: TurnEnds): z.infer<typeof shownTurn> {
  const cut = createCutter();
  const text = cut.text(content);
  const written = cut.json(toolCalls);
  return {
    eventId: toEventId(seq),
    turn,
    content: text,
    toolCalls:
      typeof written === 'string'
        ? written
        : writtenCalls.parse(written).map(({ index, ...call }) => ({ callId: toCallId(index), ...call })),
    answers: answers.map(toShownCall),
    ...cut.note(),
  };
}

function toJudgement({ criterionId, position, text, judge }: CriterionEnds): z.infer<typeof shownJudgement>[] {
  if (judge === null || judge.request === null) return [];
  const cut = createCutter();
  return [
    {
      criterionId,
      position,
      text: cut.text(text),
      model: judge.model,
      request: cut.text(judge.request),
      response: cut.text(judge.response),
      ...cut.note(),
    },
  ];
}
