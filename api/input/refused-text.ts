import { type FieldError, fieldPath } from '../../domain/error/error.ts';
import { hasNoOwnKey, ownKeyProblem } from '../../domain/secret/own-key.ts';

/**
 * Texts and names anywhere in a JSON value that no request may contain: what Postgres can't store (NUL characters and
 * lone surrogates), and Armature's own API keys, which would be stored and shown to others.
 */
export function findRefusedText(value: unknown, path: readonly (string | number)[] = []): FieldError[] {
  if (typeof value === 'string') return describe(value, path);
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => findRefusedText(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) => {
    const wrong = describe(key, path);
    return wrong.length > 0 ? wrong : findRefusedText(item, [...path, key]);
  });
}

function describe(text: string, path: readonly (string | number)[]): FieldError[] {
  const field = fieldPath(path);
  if (text.includes('\u0000') || !text.isWellFormed())
    return [{ field, message: 'Text must not contain NUL characters or lone surrogates.' }];
  return hasNoOwnKey(text) ? [] : [{ field, message: ownKeyProblem }];
}
