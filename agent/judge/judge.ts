import { stripCodeFence } from '../../domain/json/json.ts';
import { toCallId, toEventId } from '../../domain/run/ids.ts';
import { type CriterionResult, isInterrupted, type TokenUsage } from '../../domain/run/run.ts';
import type { RetryPolicy } from '../../domain/workflow/definition.ts';
import { isModelError, type Message, type Model } from '../ports.ts';
import { type Sleep, withRetries } from '../retry.ts';
import type { RunRecord } from './data.ts';
import { createJudgeRequest, type Judgment, judgment, judgmentSchema } from './request.ts';

/** Between two attempts: grading has no time limit of its own. */
const maxWaitMs = 120_000;
const maxEvidence = 50;
const maxRationaleLength = 4000;

type Grade = Required<Pick<CriterionResult, 'verdict' | 'rationale' | 'evidence' | 'judge'>>;

export type Judge = { grade(criterion: string): Promise<Grade> };

/**
 * Asks a model for one grade at a time. Repeats the request once if the answer is invalid or names unknown evidence.
 */
export function createJudge(
  record: RunRecord,
  {
    judge: model,
    boundary,
    signal,
    retryPolicy,
    sleep,
  }: { judge: Model; boundary: string; signal: AbortSignal; retryPolicy: RetryPolicy; sleep: Sleep },
): Judge {
  const request = createJudgeRequest(record, boundary);
  const known = new Set([
    ...record.calls.map(({ index }) => toCallId(index)),
    ...record.events.map(({ seq }) => toEventId(seq)),
  ]);
  const interrupted = record.calls.filter(isInterrupted).map(({ index }) => toCallId(index));
  const ask = (messages: Message[]) =>
    withRetries({
      work: () => model.complete({ messages, responseSchema: judgmentSchema, signal }),
      policy: retryPolicy,
      signal,
      sleep,
      msLeft: () => maxWaitMs,
      // Failures of the judge's provider aren't part of the run's trace.
      onRetry: async () => {},
    });

  return {
    async grade(criterion) {
      const messages = request.messagesFor(criterion);
      const asked = request.storedFor(criterion);
      const answers: string[] = [];
      const usage: TokenUsage = { input: 0, output: 0 };
      const graded = (grade: Omit<Grade, 'judge'>): Grade => ({
        ...grade,
        judge: { model: model.id, request: JSON.stringify(asked), response: answers.join('\n\n'), usage },
      });
      const failed = (why: string) => graded({ verdict: 'error', rationale: why, evidence: [] });

      for (let attempt = 1; ; attempt++) {
        signal.throwIfAborted();
        const attempted = await ask(messages);
        if (!attempted.ok) {
          const { error, note } = attempted;
          if (!isModelError(error)) throw error;
          return failed(`${error.message}${note}`);
        }
        const { content, usage: used } = attempted.value;
        answers.push(content);
        add(usage, used);
        const read = readJudgment(content, known);
        if (read.ok) return graded(withoutInterrupted(read.judgment, interrupted));
        if (attempt > 1) return failed(`The judge ${model.id} gave no usable answer, asked twice: ${read.problem}`);
        const again: Message[] = [
          { role: 'assistant', content: content.slice(0, maxRationaleLength), toolCalls: [] },
          {
            role: 'user',
            content: `That can't be used: ${read.problem} Grade the same criterion again and answer with the JSON object alone.`,
          },
        ];
        messages.push(...again);
        asked.push(...again);
      }
    },
  };
}

function add(sum: TokenUsage, { input, output, cachedInput }: TokenUsage): void {
  sum.input += input;
  sum.output += output;
  if (cachedInput !== undefined) sum.cachedInput = (sum.cachedInput ?? 0) + cachedInput;
}

/**
 * The judgment, unless it rests on a call that Armature broke off, or fails the run for something that is missing,
 * which may be due to such a call.
 */
function withoutInterrupted(judgment: Judgment, interrupted: readonly string[]): Omit<Grade, 'judge'> {
  const { verdict, evidence, rationale } = judgment;
  const named = interrupted.filter((id) => evidence.includes(id));
  const isAbsence = verdict !== 'pass' && !evidence.some((id) => id.startsWith('call-'));
  if (interrupted.length === 0 || (named.length === 0 && !isAbsence)) return judgment;
  const deciding = named.length > 0 ? named : interrupted;
  return {
    verdict: 'error',
    rationale: `Armature was interrupted during ${deciding.slice(0, 5).join(', ')}, so this can't be graded. The judge's verdict was ${verdict}: ${rationale}`,
    evidence: [...new Set([...deciding, ...evidence])].slice(0, maxEvidence),
  };
}

type Read = { ok: true; judgment: Judgment } | { ok: false; problem: string };

function readJudgment(content: string, known: ReadonlySet<string>): Read {
  let value: unknown;
  try {
    value = JSON.parse(stripCodeFence(content));
  } catch {
    return { ok: false, problem: content.trim() ? 'The answer is not JSON.' : 'The answer is empty.' };
  }
  const parsed = judgment.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the answer'}: ${message}`);
    return {
      ok: false,
      problem: `The answer does not have the requested shape (${problems.join('; ').slice(0, 500)}).`,
    };
  }
  const rationale = parsed.data.rationale.trim().slice(0, maxRationaleLength);
  if (!rationale) return { ok: false, problem: 'The rationale is empty.' };
  const evidence = [...new Set(parsed.data.evidence.map((id) => id.trim()))];
  const fabricated = evidence.filter((id) => !known.has(id));
  if (fabricated.length > 0) {
    const shown = fabricated.slice(0, 5).map((id) => JSON.stringify(id.slice(0, 40)));
    return { ok: false, problem: `The evidence names what is not in the record: ${shown.join(', ')}.` };
  }
  return { ok: true, judgment: { verdict: parsed.data.verdict, rationale, evidence: evidence.slice(0, maxEvidence) } };
}
