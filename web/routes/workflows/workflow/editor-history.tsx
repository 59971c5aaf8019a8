import { toShownStatus } from '../../../../domain/run/run.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StatusChip } from '../../../ui/base/status-chip.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { fieldName } from '../definition/labels.ts';
import type { EditData } from './edit.tsx';

/** The last versions and runs, beside the editor. */
export function EditorHistory({
  versions,
  runs,
  base,
  pageUrl,
}: Pick<EditData, 'versions' | 'runs'> & { base: string; pageUrl: string }) {
  return (
    <Card id="history" title="History">
      <div className="grid gap-6 text-table md:grid-cols-2">
        <section aria-label="Versions">
          <h3 className="mb-1 font-medium">Versions</h3>
          <ul className="space-y-1">
            {versions.map(({ id, number, createdAt, createdByName, changed }) => (
              <li key={id}>
                <TextLink to={`${pageUrl}/versions/${id}`}>Version {number}</TextLink>{' '}
                <span className="text-muted">
                  {createdByName ? `${createdByName}, ` : ''}
                  <Time at={createdAt} relative />
                  {changed.length > 0 ? `: ${changed.map(fieldName).join(', ')}` : ''}
                </span>
              </li>
            ))}
          </ul>
        </section>
        <section aria-label="Runs">
          <h3 className="mb-1 font-medium">Runs</h3>
          {runs.length === 0 ? <p className="text-muted">No runs yet.</p> : null}
          <ul className="space-y-1">
            {runs.map(({ id, status, error, model, createdAt }) => (
              <li key={id} className="flex flex-wrap items-center gap-x-2">
                <StatusChip status={toShownStatus(status, error?.kind)} />
                <TextLink to={`${base}/runs/${id}`}>
                  <Time at={createdAt} relative />
                </TextLink>
                <span className="text-muted">{model}</span>
              </li>
            ))}
          </ul>
        </section>
      </div>
    </Card>
  );
}
