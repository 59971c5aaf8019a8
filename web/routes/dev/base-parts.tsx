import { Server } from 'lucide-react';
import { Badge, PassRate } from '../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeBlock } from '../../ui/base/code-block.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { EmptyState } from '../../ui/base/empty-state.tsx';
import { LiveBadge } from '../../ui/base/live-badge.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Skeleton } from '../../ui/base/skeleton.tsx';
import { FlagChip, StateLabel, type Status, StatusChip, statusLooks } from '../../ui/base/status-chip.tsx';
import { Clock, Elapsed, Time } from '../../ui/base/time.tsx';
import { ConfirmDialog } from '../../ui/overlay/confirm-dialog.tsx';
import { dangerItemClass, menuItemClass } from '../../ui/overlay/menu.tsx';
import { Columns } from '../../ui/page/columns.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { SnippetTabs } from '../../ui/page/snippet-tabs.tsx';
import { before, longName, Part } from './part.tsx';

export const allStatuses: Status[] = ['pass', 'partial', 'fail', 'error', 'canceled', 'skipped', 'pending', 'running'];

export function BaseParts({ now }: { now: string }) {
  return (
    <>
      <PageHeader
        trail={[
          { to: '/', text: 'Servers' },
          { to: '/sign-in', text: longName },
        ]}
        icon={<Server className="size-5" />}
        title="Components"
        status={<StatusChip status="fail" />}
        note={
          <>
            Last probe <Time at={before(now, 12)} relative /> · 9 tools
          </>
        }
        actions={
          <>
            <Button variant="primary">Run now</Button>
            <Button>Edit</Button>
          </>
        }
        menu={
          <>
            <button type="button" className={menuItemClass}>
              Duplicate
            </button>
            <ConfirmDialog
              trigger={{ text: 'Delete', className: dangerItemClass }}
              title="Delete Shop?"
              confirm="Delete server"
              typedName="Shop (main)"
              fields={{ intent: 'delete' }}
            >
              Its 3 monitors and 2 workflows are deleted, too. Their history is kept for 30 days.
            </ConfirmDialog>
          </>
        }
        tabs={[
          { to: '/dev/ui', text: 'Overview' },
          { to: '/dev/ui/tools', text: 'Tools', count: 9 },
          { to: '/dev/ui/coverage', text: 'Coverage' },
          { to: '/dev/ui/changes', text: 'Changes' },
          { to: '/dev/ui/connection', text: 'Connection' },
        ]}
      />
      <Part title="Outcomes and states">
        <div className="flex flex-wrap gap-2">
          {allStatuses.map((status) => (
            <StatusChip key={status} status={status} />
          ))}
          <StatusChip status="partial">Degraded</StatusChip>
          <FlagChip />
        </div>
        <div className="flex flex-wrap gap-2">
          {allStatuses.map((status) => (
            <StatusChip key={status} status={status} compact />
          ))}
          <FlagChip compact />
        </div>
        <div className="flex flex-wrap items-center gap-2">
          <StateLabel>Paused</StateLabel>
          <StateLabel>Owner</StateLabel>
          <Badge>Optional</Badge>
          <Badge tone="info">Setting up</Badge>
          <PassRate rate={0.983} />
          <PassRate rate={0.5} />
          <PassRate rate={null} />
          <LiveBadge state="live" />
          <LiveBadge state="reconnecting" />
          <LiveBadge state="offline" />
        </div>
        <p className="text-sm text-muted">
          {Object.values(statusLooks)
            .map(({ text }) => text)
            .join(', ')}
        </p>
      </Part>
      <Part title="Buttons and links">
        <div className="flex flex-wrap items-center gap-2">
          <Button variant="primary">Create rule</Button>
          <Button>Edit</Button>
          <Button variant="danger">Delete</Button>
          <Button variant="quiet">Discard</Button>
          <Button disabled>Saving</Button>
          <LinkButton to="/sign-in">Open</LinkButton>
          <TextLink to="/sign-in" className="inline-flex min-h-6 items-center">
            All runs
          </TextLink>
        </div>
      </Part>
      <Part title="Times">
        <p className="flex flex-wrap gap-4 text-sm">
          <Time at={before(now, 12)} relative />
          <Time at={before(now, 0)} relative />
          <Time at={before(now, 60 * 24 * 30)} />
          <Clock at={now} />
          <Elapsed since={before(now, 2)} />
        </p>
      </Part>
      <Part title="Facts">
        <Columns
          facts={
            <Card title="Facts">
              <DescriptionList
                facts={[
                  { term: 'Server', value: longName },
                  { term: 'Latency', value: '38 ms' },
                ]}
              />
            </Card>
          }
        >
          <Card title={longName}>
            <p className="text-sm">The body of an object's page, with its facts beside it from 1200 px on.</p>
          </Card>
          <EmptyState title="No runs yet" action={<LinkButton to="/sign-in">Go to workflows</LinkButton>}>
            A run appears here when a schedule fires, or when you press “Run now” on a workflow.
          </EmptyState>
          <Skeleton />
        </Columns>
        <Notice tone="info" title="A tool changed.">
          create_order has a new required parameter.
        </Notice>
        <Notice tone="good" title="Saved." />
        <Notice tone="warning" title="1 warning">
          Criterion 1 is not an assertion.
        </Notice>
        <Notice tone="bad" title="The server could not be reached.">
          Check the address.
        </Notice>
        <CodeBlock label="mcp.json">{`{ "mcpServers": { "armature": { "url": "https://example.com/${longName}" } } }`}</CodeBlock>
        <SnippetTabs
          label="Connect your coding agent"
          snippets={[
            { name: 'Claude Code', code: 'claude mcp add armature https://example.com/api/mcp' },
            { name: 'curl', file: 'In a shell', code: 'curl https://example.com/api/mcp' },
          ]}
        />
      </Part>
    </>
  );
}
