import { useEffect, useEffectEvent, useRef, useState } from 'react';
import type { Counts } from '../frame/entries.ts';
import { useLiveChanges } from './live.tsx';

const minGapMs = 1000;

/**
 * The counts of the navigation as they are now. Pages that don't follow anything, such as forms, aren't reloaded for
 * them.
 */
export function useLiveCounts(slug: string, loaded: Counts): Counts {
  const [counts, setCounts] = useState(loaded);
  useEffect(() => setCounts(loaded), [loaded]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const load = useEffectEvent(async () => {
    timer.current = undefined;
    const response = await fetch(`/o/${slug}/counts`).catch(() => null);
    // A refusal, an ended session, or no server: the page itself says so when it is next used.
    if (response?.ok && !response.redirected) setCounts(await response.json());
  });
  useLiveChanges(['incident', 'proposal'], () => {
    timer.current ??= setTimeout(load, minGapMs);
  });
  return counts;
}
