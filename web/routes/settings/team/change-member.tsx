import { useEffect, useRef } from 'react';
import { Form, useLoaderData, useSubmit } from 'react-router';
import { givenRoles } from '../../../../domain/role/membership.ts';
import { atLeast, type Role } from '../../../../domain/role/role.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { SelectField } from '../../../ui/form/field.tsx';
import { useHydrated } from '../../../ui/hooks/use-hydrated.ts';
import { roleNames } from '../role.ts';
import type { Change, Choice, loader } from './page.tsx';

/** Changes a member in two steps: what to change, and what it ends. */
export function ChangeMember({ change }: { change: Change }) {
  const { member, to } = change;
  const { role } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  const hydrated = useHydrated();
  const heading = useRef<HTMLHeadingElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the next member gets the focus as well.
  useEffect(() => heading.current?.focus(), [member.userId]);
  return (
    <Card
      title={
        <span ref={heading} tabIndex={-1} className="outline-none">
          Change {member.name}
        </span>
      }
    >
      <Form method="get" className="flex flex-wrap items-end gap-3" onChange={(event) => submit(event.currentTarget)}>
        <input type="hidden" name="member" value={member.userId} />
        <SelectField label="New role" name="to" defaultValue={to ?? member.role}>
          {givenRoles
            .filter((each) => atLeast(role, each))
            .map((each) => (
              <option key={each} value={each}>
                {roleNames[each]}
              </option>
            ))}
          {role === 'owner' ? <option value="owner">Owner: transfer the ownership</option> : null}
          <option value="remove">No role: remove from the workspace</option>
        </SelectField>
        {hydrated ? null : <Button>Continue</Button>}
        <LinkButton to="?">Cancel</LinkButton>
      </Form>
      {to !== null && to !== member.role ? <Confirmation change={change} to={to} /> : null}
      {isBelow(member.role, role) ? (
        <Form method="post" action="?" className="mt-4 border-line border-t pt-4 text-sm">
          <input type="hidden" name="userId" value={member.userId} />
          <p className="mb-2 text-muted">Forgot their password?</p>
          <Button name="intent" value="reset">
            Create link to reset password
          </Button>
        </Form>
      ) : null}
    </Card>
  );
}

const isBelow = (role: Role, other: Role): boolean => role !== other && atLeast(other, role);

function Confirmation({ change, to }: { change: Change; to: Choice }) {
  const { member, keys, invitationCount, rules } = change;
  const whose = to === 'owner' ? 'yours' : 'theirs';
  return (
    <section aria-label="What changes" className="mt-4 space-y-3 text-sm">
      <p>{describe(to, member.name)}</p>
      {to !== 'owner' && keys.length > 0 ? (
        <div>
          <p className="font-medium">
            {keys.length === 1 ? 'This API key' : `These ${keys.length} API keys`} of {whose} will be revoked:
          </p>
          <ul className="list-disc pl-5">
            {keys.map(({ id, name, role }) => (
              <li key={id} className="[overflow-wrap:anywhere]">
                {name} ({roleNames[role]})
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {to !== 'owner' && invitationCount > 0 ? (
        <p>{invitationCount === 1 ? '1 invitation' : `${invitationCount} invitations`} of theirs will be revoked.</p>
      ) : null}
      {to !== 'owner' && rules.length > 0 ? (
        <p>Alert rules that notify only them will be paused: {rules.map(({ name }) => name).join(', ')}.</p>
      ) : null}
      <Form method="post" action="?">
        <input type="hidden" name="userId" value={member.userId} />
        <input type="hidden" name="to" value={to} />
        <Button variant={to === 'remove' || to === 'owner' ? 'danger' : 'primary'} name="intent" value="change">
          {to === 'remove' ? 'Remove member' : to === 'owner' ? 'Transfer ownership' : 'Change role'}
        </Button>
      </Form>
    </section>
  );
}

function describe(to: Choice, name: string): string {
  if (to === 'remove') return `${name} loses access with their next request. Their account stays.`;
  if (to === 'owner')
    return `${name} becomes the owner, and you become an admin. API keys of yours with the role Owner will be revoked. Only ${name} can undo this.`;
  return `${name} gets the role ${roleNames[to]}.`;
}
