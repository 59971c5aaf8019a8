import { isModelError, type ModelError, type ModelResponse } from '../../agent/ports.ts';
import { stripCodeFence, toEntries } from '../../domain/json/json.ts';
import { AnsweredError } from './answered-error.ts';

/** How structured output is requested, best first. With `text`, only the messages ask for it. */
export const formats = ['json_schema', 'json_object', 'text'] as const;
export type Format = (typeof formats)[number];

/** A provider may learn a format, or have failed for another reason than the format. */
const rememberMs = 15 * 60_000;

const aboutFormat = /response[_ ]?format|json[_ ]?(schema|object|mode)|structured[_ ]?output|\bschemas?\b|\bgrammar/i;
const aboutSomethingElse =
  /api[ _-]?key|unauthori[sz]ed|authenticat|quota|billing|\bcredits?\b|rate[ _-]?limit|too many requests|overloaded|\bcapacity\b|temporarily/i;
const unknownModel =
  /(model|deployment)\b.{0,200}\b(not found|does(n't| not) exist|not available|unknown)|(unknown|no such|invalid) (model|deployment)/i;
/** Conflicts, proxies and overload. */
const passingStatuses: ReadonlySet<number> = new Set([402, 409, 425, 502, 503, 504]);

/** Whether the failure may be a refusal of the format. When in doubt, yes: that costs one request more. */
export function mayRefuseFormat({ kind, cause }: ModelError): boolean {
  if (!(cause instanceof AnsweredError) || kind === 'too_large') return false;
  const { status, code, words } = cause;
  if (aboutFormat.test(words)) return true;
  if (kind === 'auth' || kind === 'rate_limited' || kind === 'timeout') return false;
  if ((status >= 300 && status < 400) || passingStatuses.has(status) || status >= 520) return false;
  return code !== 'model_not_found' && !aboutSomethingElse.test(words) && !unknownModel.test(words);
}

/**
 * Asks for structured output with one format after the other, until one gives JSON. Remembers which did, for a while.
 * If none gives JSON, returns the last answer, or throws the most telling refusal.
 */
export function createFormatFallback(now: () => number = () => performance.now()) {
  let known: { format: Format; until: number } | null = null;
  const remember = (format: Format): void => {
    if (known?.format !== format) known = { format, until: now() + rememberMs };
  };

  return async (send: (format: Format) => Promise<ModelResponse>): Promise<ModelResponse> => {
    if (known && now() >= known.until) known = null;
    const untried = formats.slice(formats.indexOf(known?.format ?? formats[0]));
    const refusals: ModelError[] = [];
    let usage: Usage = { input: 0, output: 0 };
    let answer: ModelResponse | null = null;
    for (const format of untried) {
      try {
        const response = await send(format);
        usage = addUsage(usage, response.usage);
        answer = { ...response, usage };
        remember(format);
        if (toEntries(parseJsonAnswer(response.content))) return answer;
      } catch (error) {
        if (!isModelError(error)) throw error;
        if (!mayRefuseFormat(error)) {
          if (answer) break;
          throw error;
        }
        refusals.push(error);
      }
    }
    if (answer) return answer;
    known = null;
    throw mostTelling(refusals);
  };
}

/** The last refusal with words about something other than the format, which the last request didn't name. */
function mostTelling(refusals: ModelError[]): ModelError | undefined {
  const telling = refusals.filter(
    ({ cause }) => cause instanceof AnsweredError && cause.words !== '' && !aboutFormat.test(cause.words),
  );
  return telling.at(-1) ?? refusals.at(-1);
}

/** The JSON of an answer; undefined for prose, or JSON among prose. */
export function parseJsonAnswer(content: string): unknown {
  try {
    return JSON.parse(stripCodeFence(content));
  } catch {
    return undefined;
  }
}

type Usage = ModelResponse['usage'];

function addUsage(one: Usage, other: Usage): Usage {
  const cached = (one.cachedInput ?? 0) + (other.cachedInput ?? 0);
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    ...(cached > 0 && { cachedInput: cached }),
  };
}
