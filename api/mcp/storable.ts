import { type FieldError, fieldPath } from '../../domain/error/error.ts';

/** Texts anywhere in a JSON value that Postgres can't store: NUL characters and lone surrogates. */
export function findUnstorableText(value: unknown, path: readonly (string | number)[] = []): FieldError[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [{ field: fieldPath(path), message }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => findUnstorableText(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) =>
    isStorable(key) ? findUnstorableText(item, [...path, key]) : [{ field: fieldPath(path), message }],
  );
}

const message = 'Text must not contain NUL characters or lone surrogates.';
const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
