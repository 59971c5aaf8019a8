import { Form } from 'react-router';
import type { Problem } from '../../shell/problem.ts';
import { Badge } from '../../ui/base/badge.tsx';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { DisclosureIcon } from '../../ui/base/text.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { AuthFields } from './auth-fields.tsx';

type Profile = { id: string; name: string; kind: string; header: string | null; isDefault: boolean };

const kinds: { [kind: string]: string } = {
  none: 'No credential',
  bearer: 'Bearer token',
  api_key_header: 'API key in',
};

export function AuthProfiles({
  profiles,
  mayEdit,
  problem,
}: {
  profiles: Profile[];
  mayEdit: boolean;
  problem: Problem | undefined;
}) {
  return (
    <Card flush title="Auth profiles">
      <ul className="divide-y divide-line">
        {profiles.map((profile) => (
          <li key={profile.id}>
            <details>
              <summary className="flex flex-wrap items-center gap-3 px-4 py-3 hover:bg-sunken/60">
                <DisclosureIcon />
                <span className="font-medium">{profile.name}</span>
                <span className="text-muted">
                  {kinds[profile.kind] ?? profile.kind} {profile.header}
                </span>
                {profile.isDefault ? <Badge tone="info">Default</Badge> : null}
              </summary>
              {mayEdit ? (
                <div className="space-y-4 px-4 pb-4">
                  <Form method="post" className="max-w-xl space-y-4">
                    <input type="hidden" name="authProfileId" value={profile.id} />
                    <TextField label="Name" name="name" defaultValue={profile.name} required />
                    <AuthFields kind={profile.kind} header={profile.header ?? ''} keep problem={problem} />
                    <Button name="intent" value="edit-profile">
                      Save the profile
                    </Button>
                  </Form>
                  <Form method="post" className="flex flex-wrap gap-2">
                    <input type="hidden" name="authProfileId" value={profile.id} />
                    <Button name="intent" value="probe-profile">
                      Probe
                    </Button>
                    {profile.isDefault ? null : (
                      <>
                        <Button name="intent" value="default-profile">
                          Make default
                        </Button>
                        <Button variant="danger" name="intent" value="archive-profile">
                          Delete profile and credential
                        </Button>
                      </>
                    )}
                  </Form>
                </div>
              ) : null}
            </details>
          </li>
        ))}
        {mayEdit ? (
          <li>
            <details>
              <summary className="flex gap-3 px-4 py-3 font-medium text-accent hover:bg-sunken/60">
                <DisclosureIcon /> Add an auth profile
              </summary>
              <Form method="post" className="max-w-xl space-y-4 px-4 pb-4">
                <TextField label="Name" name="name" required placeholder="Read-only user" />
                <AuthFields kind="bearer" problem={problem} />
                <label className="flex items-center gap-2">
                  <input type="checkbox" name="isDefault" /> Make default
                </label>
                <Button name="intent" value="add-profile">
                  Add the profile
                </Button>
              </Form>
            </details>
          </li>
        ) : null}
      </ul>
    </Card>
  );
}
