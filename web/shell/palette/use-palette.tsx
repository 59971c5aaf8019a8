import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import { groups } from '../frame/entries.ts';
import { useShell } from '../frame/shell-context.ts';
import { addRecent } from './recent.ts';

// Loaded when they are first used.
const Palette = lazy(() => import('./palette.tsx'));
const KeysDialog = lazy(() => import('./keys-dialog.tsx'));

/** Milliseconds in which the second key has to follow `g`. */
const chordMs = 1500;

/** The keys of the frame, and the dialogs that they open. @param go opens a page */
export function usePalette(go: (to: string) => void): { open: () => void; dialogs: ReactNode } {
  const [shown, setShown] = useState<'palette' | 'keys' | null>(null);
  const { org } = useShell();
  const chordAt = useRef(Number.NEGATIVE_INFINITY);
  useRecent();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setShown((now) => (now === 'palette' ? null : 'palette'));
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      const isChord = event.timeStamp - chordAt.current < chordMs;
      chordAt.current = event.key === 'g' ? event.timeStamp : Number.NEGATIVE_INFINITY;
      const entry = isChord && groups.flatMap(({ entries }) => entries).find(({ key }) => key === event.key);
      if (entry) go(`/o/${org.slug}${entry.to ? `/${entry.to}` : ''}`);
      else if (event.key === '/') setShown('palette');
      else if (event.key === '?') setShown('keys');
      else return;
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go, org.slug]);
  const close = () => setShown(null);
  return {
    open: () => setShown('palette'),
    dialogs: (
      <Suspense>
        {shown === 'palette' ? <Palette go={go} onClose={close} onKeys={() => setShown('keys')} /> : null}
        {shown === 'keys' ? <KeysDialog onClose={close} /> : null}
      </Suspense>
    ),
  };
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** Remembers the workflows, runs and other things that were opened. */
function useRecent(): void {
  const { org, user } = useShell();
  const { pathname } = useLocation();
  useEffect(() => {
    if (/^\/o\/[^/]+\/(?:alerts\/)?\w+\/[0-9a-f-]{36}$/.test(pathname) && !document.getElementById('error-page'))
      addRecent(user.id, org.slug, { to: pathname, title: document.title.replace(/ · Armature$/, '') });
  }, [pathname, org.slug, user.id]);
}
