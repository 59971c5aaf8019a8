import { useLiveState } from './live.tsx';

/** Says that the page doesn't follow at the moment; nothing while it does. */
export function LiveStatus() {
  return (
    <p role="status" className="fixed right-4 bottom-4 z-30">
      {useLiveState() === 'reconnecting' ? (
        <span className="rounded-md border border-line bg-surface px-3 py-1.5 text-muted text-xs shadow-lg">
          Reconnecting …
        </span>
      ) : null}
    </p>
  );
}
