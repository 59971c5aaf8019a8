import { toValues, type Values } from '../form.ts';

/** What was typed into a form and not saved: kept in this browser tab, without credentials. */
export type StoredDraft = {
  /** ISO 8601. */
  at: string;
  values: Values;
  /** What the form had before it was changed. */
  clean: Values;
};

/** @param address of the page, with its query */
export const draftKey = (userId: string, address: string): string => `armature.draft:${userId}:${address}`;

export function readDraft(key: string): StoredDraft | null {
  const stored = sessionStorage.getItem(key);
  if (stored === null) return null;
  const { at, values, clean }: Partial<StoredDraft> = JSON.parse(stored);
  return at && values && clean ? { at, values, clean } : null;
}

export function storeDraft(key: string, draft: StoredDraft): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // The storage is full. The question before leaving remains.
    sessionStorage.removeItem(key);
  }
}

export const removeDraft = (key: string): void => sessionStorage.removeItem(key);

/** What a form had when it was rendered, whatever was typed into it since. */
export function readDefaults(form: HTMLFormElement): Values {
  const copy = form.cloneNode(true);
  if (!(copy instanceof HTMLFormElement)) return {};
  copy.reset();
  return toValues(new FormData(copy));
}

/**
 * How many fields differ. Those of a group, such as `criterion.text` and `criterion.id`, count once; `base.…`, what a
 * form began with, is no change.
 */
export function countChanges(before: Values, now: Values): number {
  const names = new Set([...Object.keys(before), ...Object.keys(now)]);
  const changed = [...names].filter(
    (name) => !name.startsWith('base.') && JSON.stringify(before[name]) !== JSON.stringify(now[name]),
  );
  return new Set(changed.map((name) => name.split('.')[0])).size;
}
