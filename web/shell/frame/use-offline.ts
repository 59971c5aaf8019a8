import { type MouseEvent, useCallback, useEffect, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';

/**
 * Keeps a person on the page while the browser is offline: React Router would load the document of a page whose code it
 * doesn't have yet, and leave the frame.
 */
export function useOffline() {
  const [wanted, setWanted] = useState<string | null>(null);
  const navigate = useNavigate();
  const { key } = useLocation();
  const go = useCallback(
    (to: string) => {
      if (!navigator.onLine) return setWanted(to);
      setWanted(null);
      void navigate(to);
    },
    [navigate],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is what tells that a page was opened.
  useEffect(() => setWanted(null), [key]);
  useEffect(() => {
    if (wanted === null) return;
    const { title } = document;
    document.title = 'You are offline · Armature';
    return () => {
      document.title = title;
    };
  }, [wanted]);
  return {
    /** The address that could not be opened; null while there is none. */
    wanted,
    go,
    /** For the capture phase of the frame, before links follow. */
    onClickCapture(event: MouseEvent): void {
      if (navigator.onLine || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      if (!link || link.target || link.origin !== window.location.origin || link.pathname === window.location.pathname)
        return;
      event.preventDefault();
      setWanted(link.pathname + link.search + link.hash);
    },
  };
}
