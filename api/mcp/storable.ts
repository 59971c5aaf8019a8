import { type FieldError, fieldPath } from '../../domain/error/error.ts';

/** Texts that Postgres can't keep (NUL, lone surrogates), wherever they stand in a JSON value. */
export function unstorable(value: unknown, path: readonly (string | number)[] = []): FieldError[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [{ field: fieldPath(path), message: problem }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => unstorable(item, [...path, index]));
  return Object.entries(value).flatMap(([key, item]) =>
    isStorable(key) ? unstorable(item, [...path, key]) : [{ field: fieldPath(path), message: problem }],
  );
}

const problem = 'A text may not hold NUL characters or halves of surrogate pairs.';
const isStorable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
