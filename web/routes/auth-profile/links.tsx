import { LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';

type Profile = { id: string; name: string; kind: string; isDefault: boolean };

/** The OAuth profiles of a server, each with a page of its own. @param props.base the address of the server's page */
export function OAuthProfiles({ profiles, base, mayEdit }: { profiles: Profile[]; base: string; mayEdit: boolean }) {
  const ours = profiles.filter(({ kind }) => kind.startsWith('oauth_'));
  return (
    <Card
      flush
      title="OAuth"
      aside={mayEdit ? <LinkButton to={`${base}/auth/new`}>Add OAuth profile</LinkButton> : null}
    >
      {ours.length === 0 ? (
        <p className="p-4 text-muted">No auth profile signs in by OAuth.</p>
      ) : (
        <ul className="divide-y divide-line">
          {ours.map(({ id, name, kind, isDefault }) => (
            <li key={id} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
              <TextLink to={`${base}/auth/${id}`} className="min-w-0 [overflow-wrap:anywhere]">
                {name}
              </TextLink>
              <span className="text-muted">
                {kind === 'oauth_client_credentials' ? 'Client credentials' : 'Signed in by a person'}
              </span>
              {isDefault ? <StateLabel>Default</StateLabel> : null}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
