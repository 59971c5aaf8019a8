import { useEffect } from 'react';
import { Notice } from '../base/notice.tsx';

/**
 * Link to another site, followed immediately with JavaScript. Not a redirect after the form, since the content security
 * policy allows forms to lead only to our own pages.
 */
export function LeaveTo({ url, title, label }: { url: string; title: string; label: string }) {
  useEffect(() => {
    window.location.assign(url);
  }, [url]);
  return (
    <Notice alert title={title}>
      <a href={url} className="text-accent underline">
        {label}
      </a>
    </Notice>
  );
}
