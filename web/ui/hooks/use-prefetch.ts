import { useSyncExternalStore } from 'react';

/**
 * Value of `prefetch` of links that load their page on intent. None offline, where React Router, which can't load the
 * page's code, would reload the document.
 */
export const usePrefetch = (): 'intent' | 'none' =>
  useSyncExternalStore(
    follow,
    () => (navigator.onLine ? 'intent' : 'none'),
    () => 'intent',
  );

function follow(onChange: () => void): () => void {
  window.addEventListener('online', onChange);
  window.addEventListener('offline', onChange);
  return () => {
    window.removeEventListener('online', onChange);
    window.removeEventListener('offline', onChange);
  };
}
