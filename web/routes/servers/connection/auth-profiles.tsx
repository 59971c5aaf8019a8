import { Form, useNavigation } from 'react-router';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';

type Profile = { id: string; name: string; isDefault: boolean; credential: string };

/** Who the server can be called as. @param props.edit the page that edits one; null for those who may not */
export function AuthProfiles({ profiles, edit }: { profiles: Profile[]; edit: string | null }) {
  return (
    <Card
      id="auth-profiles"
      flush
      title="Auth profiles"
      aside={edit ? <LinkButton to={`${edit}?profile=new`}>Add auth profile</LinkButton> : null}
    >
      <ul className="divide-y divide-line">
        {profiles.map((profile) => (
          <li key={profile.id} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
            <div className="min-w-0 flex-1 basis-48">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium [overflow-wrap:anywhere]">{profile.name}</span>
                {profile.isDefault ? <StateLabel>Default</StateLabel> : null}
              </p>
              <p className="text-table text-muted [overflow-wrap:anywhere]">{profile.credential}</p>
            </div>
            {edit ? <Actions profile={profile} edit={edit} /> : null}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Actions({ profile, edit }: { profile: Profile; edit: string }) {
  const busy = useNavigation().state !== 'idle';
  return (
    <>
      <LinkButton variant="quiet" to={`${edit}?profile=${profile.id}`} aria-label={`Edit ${profile.name}`}>
        Edit
      </LinkButton>
      <Form method="post" className="flex flex-wrap gap-2">
        <input type="hidden" name="authProfileId" value={profile.id} />
        <Button variant="quiet" name="intent" value="probe" disabled={busy} aria-label={`Probe with ${profile.name}`}>
          Probe
        </Button>
        {profile.isDefault ? null : (
          <Button variant="quiet" name="intent" value="make-default" disabled={busy}>
            Make default
          </Button>
        )}
      </Form>
      {profile.isDefault ? null : (
        <ConfirmDialog
          trigger={{ text: 'Delete' }}
          title={`Delete the auth profile ${profile.name}?`}
          confirm="Delete auth profile"
          fields={{ intent: 'delete', authProfileId: profile.id }}
        >
          Its credential is destroyed. Workflows and monitors that use it need another one.
        </ConfirmDialog>
      )}
    </>
  );
}
