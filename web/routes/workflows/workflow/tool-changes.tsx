import { Form, useNavigation } from 'react-router';
import type { ToolChangeHit } from '../../../../services/workflow/reading/tool-changes.ts';
import { Button, TextLink } from '../../../ui/base/button.tsx';
import { CopyButton } from '../../../ui/base/copy-button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { Time } from '../../../ui/base/time.tsx';

const maxShown = 3;

/** Tools that the workflow uses have changed: what, since when, and what to do. */
export function ToolChangeBanner({
  changes,
  hasFix,
  repairPrompt,
  base,
  pageUrl,
}: {
  changes: ToolChangeHit[];
  hasFix: boolean;
  repairPrompt: string | null;
  base: string;
  pageUrl: string;
}) {
  const isBusy = useNavigation().state !== 'idle';
  return (
    <Notice
      tone="warning"
      title={
        changes.length === 1 ? 'A tool that it uses has changed' : `${changes.length} tools that it uses have changed`
      }
    >
      <ul className="mt-1 space-y-1 text-ink">
        {changes.slice(0, maxShown).map(({ incidentId, tool, summary, since, successor }) => (
          <li key={incidentId} className="[overflow-wrap:anywhere]">
            <Code>{tool}</Code> since <Time at={since} relative />: {summary}
            {successor === null ? null : (
              <>
                {' '}
                Most likely <Code>{successor}</Code> now.
              </>
            )}{' '}
            <TextLink to={`${base}/incidents/${incidentId}`}>Review or accept</TextLink>
          </li>
        ))}
        {changes.length > maxShown ? <li>and {changes.length - maxShown} more</li> : null}
      </ul>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        {hasFix ? (
          <Form method="post" action={pageUrl}>
            <Button name="intent" value="fix" disabled={isBusy}>
              Draft a fix
            </Button>
          </Form>
        ) : null}
        {repairPrompt === null ? null : <CopyButton text={repairPrompt} what="Copy repair prompt" />}
      </div>
    </Notice>
  );
}
