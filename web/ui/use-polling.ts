import { useEffect, useRef } from 'react';
import { useRevalidator } from 'react-router';

/** Loads the page's data anew every `everyMs` while the tab is seen; null: not. Keeps out of the way of a load that is going on. */
export function usePolling(everyMs: number | null): void {
  const { revalidate, state } = useRevalidator();
  const idle = useRef(true);
  idle.current = state === 'idle';
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => {
      if (idle.current && document.visibilityState === 'visible') revalidate();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs, revalidate]);
}
