import { type MetaFunction, redirect, useLoaderData, useParams, useSearchParams } from 'react-router';
import { isArmatureError } from '../../../../domain/error/error.ts';
import { createAuthProfile } from '../../../../services/auth-profile/create.ts';
import { editAuthProfile } from '../../../../services/auth-profile/edit.ts';
import type { Context } from '../../../../services/context/context.ts';
import { editServer } from '../../../../services/server/edit.ts';
import { getServerConnection } from '../../../../services/server/reading/connection.ts';
import { toProbeView } from '../../../../services/server/view.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text, toValues } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { parseAuth } from '../connect/auth-values.ts';
import { findConflict, readEdits, toChanges } from './changes.server.ts';
import { EndpointForm } from './endpoint-form.tsx';
import { toFormValues } from './form-values.ts';
import { ProfileForm } from './profile-form.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Edit ${loaderData?.saved.name ?? 'server'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) => {
  const { server, authProfiles } = await getServerConnection(ctx, { serverId: params.serverId ?? '' });
  return {
    serverId: server.id,
    saved: toFormValues(server),
    authProfiles: authProfiles.map(({ id, name, kind, header, isDefault }) => ({ id, name, kind, header, isDefault })),
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const serverId = params.serverId ?? '';
  const done = (what: string) => redirect(path(`servers/${serverId}/connection?done=${what}`));
  switch (text(form, 'form')) {
    case 'new-profile':
      await createAuthProfile(ctx, {
        serverId,
        name: text(form, 'name'),
        auth: parseAuth(form),
        isDefault: form.has('isDefault'),
      });
      throw done('added');
    case 'profile':
      await editAuthProfile(ctx, {
        authProfileId: text(form, 'authProfileId'),
        name: text(form, 'name'),
        auth: parseAuth(form),
      });
      throw done('profile');
    default: {
      const answer = await saveEndpoint(ctx, form, serverId);
      if (answer === null) throw done('saved');
      return answer;
    }
  }
});

/** Null once it is saved. */
async function saveEndpoint(ctx: Context, form: FormData, serverId: string) {
  const edits = readEdits(form);
  const credentials = Object.fromEntries(
    [...form].flatMap(([name, value]) =>
      name.startsWith('credential:') && typeof value === 'string' && value ? [[name.slice(11), value]] : [],
    ),
  );
  try {
    const { saved, probe } = await editServer(ctx, {
      serverId,
      ...toChanges(edits),
      credentials,
      saveAnyway: text(form, 'intent') === 'save-anyway',
    });
    return saved ? null : { probe: probe ? toProbeView(probe) : undefined, values: toValues(form) };
  } catch (error) {
    if (!isArmatureError(error) || error.code !== 'conflict') throw error;
    const conflict = findConflict(edits, (await getServerConnection(ctx, { serverId })).server);
    if (!conflict) throw error;
    return { conflict, values: toValues(form) };
  }
}

export type EditAnswer = ReturnType<typeof useActionData<typeof action>>;

/** The connection of a server, or with `?profile=` one of its auth profiles. */
export default function EditServer() {
  const { serverId, saved, authProfiles } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const [search] = useSearchParams();
  const base = `/o/${useParams().org}`;
  useLive(['server'], { id: serverId });
  const profileId = search.get('profile');
  const profile = authProfiles.find(({ id }) => id === profileId) ?? null;
  const isProfile = profile !== null || profileId === 'new';
  return (
    <>
      <PageHeader
        title={profile ? `Edit ${profile.name}` : isProfile ? 'New auth profile' : `Edit ${saved.name}`}
        trail={[
          { to: `${base}/servers`, text: 'Servers' },
          { to: `${base}/servers/${serverId}`, text: saved.name },
          { to: `${base}/servers/${serverId}/connection`, text: 'Connection' },
        ]}
      />
      <div className="max-w-2xl">
        {isProfile ? (
          <ProfileForm key={profileId} profile={profile} answer={answer} />
        ) : (
          <EndpointForm
            saved={saved}
            credentials={authProfiles.filter(({ kind }) => kind !== 'none')}
            answer={answer}
          />
        )}
      </div>
    </>
  );
}
