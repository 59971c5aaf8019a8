import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { type Blocker, useBeforeUnload, useBlocker, useLocation, useNavigation } from 'react-router';
import { errorPageId } from '../errors/error-labels.ts';
import { toValues, type Values } from '../form.ts';
import { useShell } from '../frame/shell-context.ts';
import { pageAddress } from '../page-address.ts';
import {
  countChanges,
  draftKey,
  readDefaults,
  readDraft,
  removeDraft,
  type StoredDraft,
  storeDraft,
} from './storage.ts';

/** Milliseconds without typing after which the draft is stored. */
const storeAfterMs = 250;

export type Draft = {
  /** What to fill the form with, if not with what is saved: the stored draft, or what was refused. */
  values: Values | undefined;
  /** How many fields differ from what is saved. */
  changes: number;
  /** When the restored draft was typed (ISO 8601); null if none was restored. */
  restoredAt: string | null;
  /** Back to what is saved. */
  discard(): void;
  /** For `DraftForm`. */
  wired: {
    /** A new one renders the form anew, from `values`. */
    version: number;
    form: RefObject<HTMLFormElement | null>;
    blocker: Blocker;
    onBegin(): void;
    onEdit(): void;
    onSubmit(): void;
  };
};

/**
 * Keeps what is typed into a form until it is saved: stored in the tab by address and person, restored on the next
 * visit, with a question before leaving. Render the form as a `DraftForm`, filled from `values` if there are any.
 * @param of.answer the page's action data
 * @param of.values the refused values, if the answer has any
 * @param of.isSaved whether the answer says that the form was saved. A redirect always does. @default false
 */
export function useDraft(of: { answer: unknown; values: Values | undefined; isSaved?: boolean }): Draft {
  const key = useDraftKey();
  const form = useRef<HTMLFormElement>(null);
  const clean = useRef<Values | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isSubmitted = useRef(false);
  const [stored, setStored] = useState<StoredDraft | null>(null);
  const [{ version, isDiscarded }, setVersion] = useState({ version: 0, isDiscarded: false });
  const [changes, setChanges] = useState(0);
  const [answered, setAnswered] = useState(of.answer);
  // The form has been sent since, so its answer counts.
  if (of.answer !== answered) {
    setAnswered(of.answer);
    setStored(null);
    setVersion({ version, isDiscarded: false });
  }

  const read = useCallback(() => {
    const now = form.current && toValues(new FormData(form.current));
    return { now, changes: now && clean.current ? countChanges(clean.current, now) : 0 };
  }, []);
  const store = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    const { now, changes } = read();
    setChanges(changes);
    if (!now || !clean.current) return;
    if (changes === 0) removeDraft(key);
    else storeDraft(key, { at: new Date().toISOString(), values: now, clean: clean.current });
  }, [key, read]);
  const forget = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    clean.current = null;
    removeDraft(key);
    setChanges(0);
  }, [key]);
  const isUnsaved = () => {
    if (timer.current !== undefined) store();
    return !isSubmitted.current && read().changes > 0;
  };

  useEffect(() => {
    const found = readDraft(key);
    clean.current = found?.clean ?? null;
    setStored(found);
    setChanges(found ? countChanges(found.clean, found.values) : 0);
    if (found) setVersion((last) => ({ version: last.version + 1, isDiscarded: false }));
    // A moment later, since components render differently on the server.
    const soon = setTimeout(() => {
      clean.current ??= form.current && readDefaults(form.current);
    });
    return () => {
      clearTimeout(soon);
      // The page was left by its own form, so what it sent is saved, unless it ended in an error.
      if (isSubmitted.current && document.getElementById(errorPageId) === null) removeDraft(key);
    };
  }, [key]);
  // Without an answer, the form was saved by a redirect to the page that is open.
  const isSaved = of.answer === undefined || of.isSaved === true;
  const { state } = useNavigation();
  useEffect(() => {
    if (state !== 'idle' || !isSubmitted.current) return;
    isSubmitted.current = false;
    if (isSaved) forget();
  }, [state, isSaved, forget]);

  useBeforeUnload((event) => {
    if (isUnsaved()) event.preventDefault();
  });
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) => currentLocation.pathname !== nextLocation.pathname && isUnsaved(),
  );

  return {
    values: isDiscarded ? undefined : (stored?.values ?? of.values),
    changes,
    restoredAt: stored?.at ?? null,
    discard() {
      forget();
      setStored(null);
      setVersion({ version: version + 1, isDiscarded: true });
    },
    wired: {
      version,
      form,
      blocker,
      onBegin: () => {
        clean.current ??= read().now;
      },
      onEdit: () => {
        clearTimeout(timer.current);
        timer.current = setTimeout(store, storeAfterMs);
      },
      onSubmit: () => {
        isSubmitted.current = true;
      },
    },
  };
}

function useDraftKey(): string {
  return draftKey(useShell().user.id, pageAddress(useLocation()));
}
