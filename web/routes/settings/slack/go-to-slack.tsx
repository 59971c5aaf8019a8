import { useEffect } from 'react';
import { Notice } from '../../../ui/base/notice.tsx';

/**
 * Link to Slack's consent page, followed immediately with JavaScript. Not a redirect after the form, since the content
 * security policy allows forms to lead only to our own pages.
 */
export function GoToSlack({ url }: { url: string }) {
  useEffect(() => {
    window.location.assign(url);
  }, [url]);
  return (
    <Notice alert title="Slack will ask which workspace to connect.">
      <a href={url} className="text-accent underline">
        Continue to Slack
      </a>
    </Notice>
  );
}
