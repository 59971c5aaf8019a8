import { useLoaderData } from 'react-router';
import { roles } from '../../../../domain/role/role.ts';
import { LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Day } from '../../../ui/base/time.tsx';
import { aboveRow, DataTable } from '../../../ui/data/data-table.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { roleNames, roleRights } from '../role.ts';
import type { loader } from './page.tsx';

export function Members() {
  const { members, nextCursor, role, ownId, workspace } = useLoaderData<typeof loader>();
  return (
    <Card
      title="Members"
      aside={
        role === 'owner' ? null : (
          <ConfirmDialog
            trigger={{ text: 'Leave workspace' }}
            title={`Leave ${workspace}?`}
            confirm="Leave workspace"
            fields={{ intent: 'leave' }}
            action="?"
          >
            Your API keys and pending invitations here are revoked, and alert rules that notify only you are paused. To
            come back, you need an invitation.
          </ConfirmDialog>
        )
      }
      flush
    >
      <DataTable
        label="Members"
        rows={members}
        rowKey={({ userId }) => userId}
        columns={[
          {
            key: 'name',
            head: 'Name',
            phone: 'title',
            cell: ({ userId, name, email }) => (
              <>
                <span className="font-medium">{name}</span>
                {userId === ownId ? <span className="text-muted"> (you)</span> : null}
                <span className="block text-xs text-muted [overflow-wrap:anywhere]">{email}</span>
              </>
            ),
          },
          { key: 'role', head: 'Role', phone: 'status', cell: (member) => roleNames[member.role] },
          { key: 'joined', head: 'Joined', cell: ({ joinedAt }) => <Day at={joinedAt} /> },
          ...(members.some(({ changeable }) => changeable)
            ? [
                {
                  key: 'change',
                  head: 'Change',
                  cell: ({ changeable, userId, name }: (typeof members)[number]) =>
                    changeable ? (
                      <LinkButton
                        to={`?member=${encodeURIComponent(userId)}`}
                        aria-label={`Change ${name}`}
                        className={aboveRow}
                      >
                        Change
                      </LinkButton>
                    ) : null,
                },
              ]
            : []),
        ]}
      />
      <div className="px-4 pb-4">
        <Pager nextCursor={nextCursor} />
        <details className="mt-4">
          <summary className="min-h-6 cursor-pointer text-sm text-muted">What each role may do</summary>
          <dl className="mt-3 grid max-w-prose gap-3 text-sm">
            {roles.map((each) => (
              <div key={each}>
                <dt className="font-medium">{roleNames[each]}</dt>
                <dd className="text-muted">{roleRights[each]}</dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
    </Card>
  );
}
