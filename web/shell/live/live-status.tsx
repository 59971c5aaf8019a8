import { LiveBadge } from '../../ui/base/live-badge.tsx';
import { useLiveState } from './live.tsx';

/** Says that the page doesn't follow at the moment; nothing while it does. */
export function LiveStatus() {
  return (
    <div aria-live="polite" className="fixed right-4 bottom-4 z-30">
      {useLiveState() === 'reconnecting' ? (
        <span className="inline-flex rounded-md border border-line bg-surface px-3 py-1.5 shadow-lg">
          <LiveBadge state="reconnecting" />
        </span>
      ) : null}
    </div>
  );
}
