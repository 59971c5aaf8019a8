import { useEffect } from 'react';
import { Notice } from '../../ui/notice.tsx';

/**
 * The way to Slack's page of consent. A link, since the content security policy lets forms lead to our own pages alone; with scripts it is
 * followed at once.
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
