import { useEffect, useRef } from 'react';
import { Card } from '../../ui/base/card.tsx';

/** Milliseconds without typing after which the preview follows. */
const followAfterMs = 600;

/** The page as visitors would see it, with what is typed; without scripts, with what is saved. */
export function Preview({ address, query }: { address: string; query: string }) {
  const url = query === '' ? address : `${address}?${query}`;
  const frame = useRef<HTMLIFrameElement>(null);
  const shown = useRef(address);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (shown.current === url) return;
      shown.current = url;
      // Another `src` would be a step of the browser's history.
      frame.current?.contentWindow?.location.replace(url);
    }, followAfterMs);
    return () => clearTimeout(timer);
  }, [url]);
  return (
    <Card
      flush
      title="Preview"
      aside={
        <a href={url} target="_blank" rel="noreferrer" className="text-accent text-sm underline">
          Open in a new tab
        </a>
      }
    >
      <iframe ref={frame} title="Preview of the status page" src={address} className="h-[40rem] w-full rounded-b-lg" />
    </Card>
  );
}
