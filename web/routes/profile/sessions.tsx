import { Form, useLoaderData } from 'react-router';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Day, Time } from '../../ui/base/time.tsx';
import { DataTable } from '../../ui/data/data-table.tsx';
import type { loader } from './page.tsx';

export function Sessions() {
  const { sessions } = useLoaderData<typeof loader>();
  return (
    <Card
      title="Sessions"
      aside={
        sessions.length > 1 ? (
          <Form method="post" action="?">
            <Button variant="danger" name="intent" value="end-others">
              End all others
            </Button>
          </Form>
        ) : null
      }
      flush
    >
      <DataTable
        label="Sessions"
        rows={sessions}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'browser',
            head: 'Browser',
            phone: 'title',
            cell: ({ userAgent, isCurrent }) => (
              <>
                {describeBrowser(userAgent)}
                {isCurrent ? <span className="text-muted"> (this one)</span> : null}
              </>
            ),
          },
          { key: 'address', head: 'Address', cell: ({ address }) => address || null },
          { key: 'created', head: 'Signed in', cell: ({ createdAt }) => <Time at={createdAt} relative /> },
          { key: 'used', head: 'Last used', cell: ({ lastUsedAt }) => <Day at={lastUsedAt} /> },
          {
            key: 'end',
            head: 'End',
            cell: ({ id, isCurrent, userAgent }) =>
              isCurrent ? null : (
                <Form method="post" action="?">
                  <input type="hidden" name="sessionId" value={id} />
                  <Button name="intent" value="end" aria-label={`End session: ${describeBrowser(userAgent)}`}>
                    End
                  </Button>
                </Form>
              ),
          },
        ]}
      />
    </Card>
  );
}

const browsers: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** `Firefox on Linux` */
function describeBrowser(userAgent: string | null): string {
  const find = (all: [RegExp, string][]) => all.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  const [browser, system] = [find(browsers), find(systems)];
  if (!browser) return 'Unknown browser';
  return system ? `${browser} on ${system}` : browser;
}
