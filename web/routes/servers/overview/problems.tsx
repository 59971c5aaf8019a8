import { useFormat } from '../../../shell/reader-provider.tsx';
import { TextLink } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { ServerWords } from '../probe/server-words.tsx';
import type { ServerPageData } from '../server/page.tsx';

/** Why the latest probe failed, and whether something is wrong with the list of tools. */
export function Problems({ found, url }: { found: ServerPageData; url: string }) {
  const format = useFormat();
  const { failure, server } = found;
  const { catalog } = server;
  const unusable = catalog?.unusable.length ?? 0;
  const findings = [
    unusable > 0 ? `${format.count(unusable, 'tool')} can't be used.` : null,
    found.warnedToolCount > 0
      ? `${format.count(found.warnedToolCount, 'tool has', 'tools have')} warnings: strict clients may refuse them.`
      : null,
    catalog && !catalog.complete ? 'The list of tools was not read to its end.' : null,
  ].filter((text) => text !== null);
  return (
    <>
      {failure ? (
        <Notice tone="bad" title={failure.message}>
          {failure.remediation}
          <ServerWords details={failure.details} />
        </Notice>
      ) : null}
      {catalog && !catalog.declaresTools ? (
        <Notice tone="warning">
          <span className="text-ink">
            The server does not declare the capability <Code>tools</Code>, so it was not asked for its tools. Tools that
            were known before stay as they were.
          </span>
        </Notice>
      ) : null}
      {findings.length > 0 ? (
        <Notice tone={unusable > 0 ? 'warning' : 'info'}>
          <span className="text-ink">{findings.join(' ')}</span> <TextLink to={`${url}/tools`}>View tools</TextLink>
        </Notice>
      ) : null}
    </>
  );
}
