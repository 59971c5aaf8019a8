/**
 * Every way in which a model can fail us.
 *
 * `misconfigured`: an unknown id, a provider without key, a built-in model that can't do what it is asked. `auth`: the provider
 * refuses its key. `unavailable`: no answer, or a 5xx. `malformed`: an answer that is not a chat completion, or ends in its middle.
 * `refused`: the model declines. `too_large`: the conversation or the answer exceeds the model's limit.
 */
export const modelErrorKinds = [
  'misconfigured',
  'auth',
  'rate_limited',
  'unavailable',
  'timeout',
  'malformed',
  'refused',
  'too_large',
] as const;
export type ModelErrorKind = (typeof modelErrorKinds)[number];

const retryable: ReadonlySet<ModelErrorKind> = new Set(['rate_limited', 'unavailable', 'timeout', 'malformed']);

const brand = Symbol.for('armature.model-error');

/** `message` is for a person, says what to do where that is known, and never holds a key. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly [brand] = true;
  readonly kind: ModelErrorKind;
  /** Whether the same request may succeed soon. */
  readonly retryable: boolean;
  /** What the provider asked to wait, in milliseconds. */
  readonly retryAfterMs?: number;

  constructor(kind: ModelErrorKind, message: string, options: { retryable?: boolean; retryAfterMs?: number } = {}) {
    super(message);
    this.kind = kind;
    this.retryable = options.retryable ?? retryable.has(kind);
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }
}

/** True across copies of this module: the dashboard's bundle carries its own. */
export function isModelError(error: unknown): error is ModelError {
  return typeof error === 'object' && error !== null && brand in error;
}
