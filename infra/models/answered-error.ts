import { toEntries } from '../../domain/json/json.ts';

/** The provider answered with something other than a completion. */
export class AnsweredError extends Error {
  override readonly name = 'AnsweredError';
  /** HTTP status. */
  readonly status: number;
  readonly headers: Headers;
  /** Its machine-readable code, if it gave one. */
  readonly code: string | null;
  /** What it said, masked, at most 300 characters; may be empty. */
  readonly words: string;

  constructor(answer: { status: number; headers?: Headers; body: unknown; mask: (text: string) => string }) {
    super('answered without a completion');
    const { status, headers = new Headers(), body, mask } = answer;
    const error = toEntries(toEntries(body)?.get('error'));
    const code = error?.get('code') ?? error?.get('type');
    this.status = status;
    this.headers = headers;
    this.code = typeof code === 'string' ? code : null;
    this.words = mask(readWords(body)).slice(0, 300);
  }
}

/** What an error body says: its sentence, or else all of it. HTML says nothing. */
function readWords(body: unknown): string {
  if (typeof body === 'string') return /^\s*</.test(body) ? '' : body.trim();
  const isEmpty = typeof body !== 'object' || body === null || Object.keys(body).length === 0;
  return findSentence(body) ?? (isEmpty ? '' : JSON.stringify(body));
}

/** The sentence in an error of an OpenAI-compatible endpoint, of FastAPI, or of a proxy. */
export function findSentence(body: unknown): string | null {
  // Some endpoints answer with a list of one error.
  const entries = toEntries(Array.isArray(body) ? body[0] : body);
  const error = entries?.get('error');
  const own = toEntries(error) ?? entries;
  for (const said of [own?.get('message'), error, own?.get('detail'), own?.get('msg')]) {
    if (typeof said === 'string' && said !== '') return said;
    if (Array.isArray(said)) return JSON.stringify(said);
  }
  return null;
}

/** The JSON in the text, or the text itself. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Plain text or HTML.
    return text;
  }
}
