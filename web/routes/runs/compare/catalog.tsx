import { Badge } from '../../../ui/base/badge.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Code } from '../../../ui/base/text.tsx';
import type { Comparison } from './page.tsx';

type Change = NonNullable<Comparison['catalogChanges']>[number];

const kinds: { [kind in Change['kind']]: string } = {
  added: 'Added',
  removed: 'Removed',
  title_changed: 'Title changed',
  description_changed: 'Description changed',
  input_schema_changed: 'Input schema changed',
  output_schema_changed: 'Output schema changed',
  annotations_changed: 'Annotations changed',
};

/** How the tools that the server offered differ. */
export function CatalogChanges({ changes }: { changes: Comparison['catalogChanges'] }) {
  return (
    <Card flush={changes !== null && changes.length > 0} title="Tools of the server">
      {changes === null ? (
        <p className="text-muted">Unknown: one of the runs did not get to see the tools.</p>
      ) : changes.length === 0 ? (
        <p className="text-muted">The same in both runs.</p>
      ) : (
        <ul className="divide-y divide-line">
          {changes.map(({ tool, kind, breaking, fields }) => (
            <li key={`${tool} ${kind}`} className="px-4 py-2.5 text-table">
              <p className="flex flex-wrap items-baseline gap-2">
                <Code>{tool}</Code> {kinds[kind]}
                {breaking ? <Badge tone="fail">Breaking</Badge> : null}
              </p>
              {fields ? (
                <p className="mt-1 flex flex-wrap gap-1 text-xs text-muted">
                  {fields.map(({ path }) => (
                    <Code key={path}>{path || 'whole schema'}</Code>
                  ))}
                </p>
              ) : null}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
