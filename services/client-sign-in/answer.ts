import { z } from 'zod';
import { describeRedirect } from '../../domain/client-sign-in/registration.ts';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast, roles } from '../../domain/role/role.ts';
import { secondMs } from '../../domain/values/time.ts';
import { type Authorization, type ClientRequest, lifetimes } from '../../infra/authorization/index.ts';
import { requirePerson } from '../account/person.ts';
import { newKeyId } from '../api-key/secret.ts';
import { fieldError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';

/** A client's request, and the cookies of the browser: only the one that started it may answer it. */
const ofBrowser = z.object({ requestId: z.string().min(1).max(100), cookie: z.string() });

/**
 * What a client requests. `redirect`: where its code goes, which says more about who it is than its name.
 * @throws ArmatureError `conflict` (it can't be answered here)
 */
export const getClientRequest = useCase({
  name: 'client_sign_in.get',
  access: 'anyone',
  input: ofBrowser,
  async run({ authorization }, of) {
    const { clientName, clientId, redirectUri } = await findRequest(authorization, of);
    return {
      clientName,
      redirect: describeRedirect(redirectUri),
      /** The site that publishes the client's metadata; null for a client that only says who it is. */
      publishedBy: clientId.startsWith('https://') ? new URL(clientId).host : null,
    };
  },
});

/**
 * Lets the client act in the workspace, as an API key with the chosen role that it gets tokens of.
 * @returns `continueAt`: where the browser goes on, on this site
 * @throws ArmatureError `conflict`, `permission_denied` (a role above the person's own)
 */
export const allowClient = useCase({
  name: 'client_sign_in.allow',
  access: 'viewer',
  input: ofBrowser.extend({ role: z.enum(roles) }),
  async run({ actor, authorization, orgId, write, now }, { role, ...of }): Promise<{ continueAt: string }> {
    const { userId } = requirePerson(actor);
    const { clientId, clientName, isAnswered } = await findRequest(authorization, of);
    if (authorization === null || isAnswered) throw cannotBeAnswered();
    if ('role' in actor && !atLeast(actor.role, role))
      throw fieldError(
        'permission_denied',
        'role',
        `The client can't have the role ${role}; yours is ${actor.role}.`,
        'Choose your own role or a lower one.',
      );
    const id = newKeyId();
    // Until it has its first tokens, which move the end.
    const expiresAt = new Date(now().getTime() + lifetimes.request * secondMs);
    const key = { id, orgId, name: clientName, role, clientId, createdById: userId, expiresAt };
    await write((tx) => tx.apiKey.create({ data: { ...key, hash: '' } }), {
      subject: id,
      data: { name: clientName, role, clientId },
    });
    return { continueAt: await authorization.allow(of, { keyId: id, clientId, userId }) };
  },
});

/** Refuses the client, which is told so. @returns as `allowClient` */
export const denyClient = useCase({
  name: 'client_sign_in.deny',
  access: 'anyone',
  input: ofBrowser,
  async run({ authorization }, of): Promise<{ continueAt: string }> {
    const { isAnswered } = await findRequest(authorization, of);
    if (authorization === null || isAnswered) throw cannotBeAnswered();
    return { continueAt: await authorization.deny(of) };
  },
});

async function findRequest(
  authorization: Authorization | null,
  of: z.output<typeof ofBrowser>,
): Promise<ClientRequest> {
  const found = await authorization?.findRequest(of);
  if (!found) throw cannotBeAnswered();
  return found;
}

const cannotBeAnswered = () =>
  new ArmatureError(
    'conflict',
    'This request of a client was answered already, has expired, or was started in another browser.',
    'Connect again from the client.',
  );
