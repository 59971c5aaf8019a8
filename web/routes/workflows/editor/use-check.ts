import { startTransition, useEffect, useState, useSyncExternalStore } from 'react';
import { useParams } from 'react-router';
import type { CheckedCriterion, CheckedDraft } from '../../../../services/workflow/editing/check-draft.ts';
import type { Draft } from '../../../shell/draft/use-draft.ts';

/** Milliseconds without typing after which the draft is checked. */
const checkAfterMs = 250;

export type Check = Omit<CheckedDraft, 'criteria'> & { texts: string[]; criteria: CheckedCriterion[] };

/** The checked criteria by their text, of which each row follows its own. */
export type CheckedTexts = {
  get(text: string): CheckedCriterion | undefined;
  subscribe(listener: () => void): () => void;
};

/** How this text was last checked; undefined if it was not yet. */
export const useCheckedText = (texts: CheckedTexts, text: string): CheckedCriterion | undefined =>
  useSyncExternalStore(
    texts.subscribe,
    () => texts.get(text.trim()),
    () => texts.get(text.trim()),
  );

/**
 * Checks the form on the server as somebody types. While the server can't be reached, what was found stays.
 * @param initial of what the form has at first
 */
export function useCheck(initial: Check, { restoredAt, wired: { form, version } }: Draft) {
  const { org } = useParams();
  const [store] = useState(() => createStore(initial));
  const [latest, setLatest] = useState(initial);
  useEffect(() => {
    const element = form.current;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let sent: AbortController | undefined;
    const send = async () => {
      if (!element?.isConnected) return;
      sent?.abort();
      sent = new AbortController();
      const fields = [...new FormData(element)].flatMap(([name, value]) =>
        typeof value === 'string' ? [[name, value]] : [],
      );
      const request = { method: 'POST', body: new URLSearchParams(fields), signal: sent.signal };
      // Offline, or overtaken by the next one.
      const response = await fetch(`/o/${org}/workflows/check`, request).catch(() => null);
      if (!response?.ok) return;
      const found: Check = await response.json();
      store.set(found);
      startTransition(() => setLatest(found));
    };
    const check = () => {
      clearTimeout(timer);
      timer = setTimeout(send, checkAfterMs);
    };
    // Buttons add and take away lines. A new version of the draft is a new form.
    const events = version >= 0 ? ['input', 'change', 'click'] : [];
    for (const event of events) element?.addEventListener(event, check);
    if (restoredAt !== null) check();
    return () => {
      clearTimeout(timer);
      sent?.abort();
      for (const event of events) element?.removeEventListener(event, check);
    };
  }, [form, version, restoredAt, org, store]);
  return { texts: store, latest };
}

function createStore(initial: Check) {
  const listeners = new Set<() => void>();
  let known = merge(new Map(), initial);
  return {
    get: (text: string) => known.get(text),
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(check: Check) {
      known = merge(known, check);
      for (const each of listeners) each();
    },
  };
}

/** What is the same keeps its identity, so that its row isn't rendered again. */
function merge(
  before: ReadonlyMap<string, CheckedCriterion>,
  { texts, criteria }: Check,
): Map<string, CheckedCriterion> {
  return new Map(
    texts.flatMap((text, index) => {
      const [old, now] = [before.get(text), criteria[index]];
      if (!now) return [];
      return [[text, old && JSON.stringify(old) === JSON.stringify(now) ? old : now] as const];
    }),
  );
}
