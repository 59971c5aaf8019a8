import { useEffect, useRef } from 'react';
import { useRevalidator } from 'react-router';

const everyMs = 15_000;

/** Reloads the page's data now and then, for what ends by time alone. Waits for running loads. */
export function usePolling(isWaiting: boolean): void {
  const { revalidate, state } = useRevalidator();
  const idle = useRef(true);
  idle.current = state === 'idle';
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => {
      if (idle.current && document.visibilityState === 'visible') revalidate();
    }, everyMs);
    return () => clearInterval(timer);
  }, [isWaiting, revalidate]);
}
