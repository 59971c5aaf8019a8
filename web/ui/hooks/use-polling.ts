import { useEffect, useRef } from 'react';
import { useRevalidator } from 'react-router';

/** Reloads the page's data every `everyMs` while the tab is visible; null disables it. Waits for running loads. */
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
