import type { WorkflowDefinition } from '../../../../domain/workflow/definition.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { fieldName, valueText } from '../definition/labels.ts';

/** Shows the saved definition of somebody else beside one's own, field by field. */
export function BothVersions({
  current,
  number,
  mine,
}: {
  current: WorkflowDefinition;
  number: number;
  mine: { [field: string]: unknown };
}) {
  const differing = Object.entries(current).filter(
    ([field, value]) => valueText(field, value) !== valueText(field, mine[field]),
  );
  return (
    <Card
      title="Both versions"
      aside={
        <TextLink to="?" reloadDocument>
          Discard my changes and edit version {number}
        </TextLink>
      }
    >
      {differing.length === 0 ? <p>They are the same.</p> : null}
      <div className="space-y-4">
        {differing.map(([field, value]) => (
          <section key={field}>
            <h3 className="mb-1 font-medium">{fieldName(field)}</h3>
            <div className="grid gap-3 md:grid-cols-2">
              <Side title={`Version ${number}`} text={valueText(field, value)} />
              <Side title="Yours" text={valueText(field, mine[field])} />
            </div>
          </section>
        ))}
      </div>
    </Card>
  );
}

export function Side({ title, text }: { title: string; text: string }) {
  return (
    <div className="min-w-0 rounded-md border border-line p-3">
      <p className="mb-1 text-xs text-muted">{title}</p>
      <p className="font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{text || '(empty)'}</p>
    </div>
  );
}
