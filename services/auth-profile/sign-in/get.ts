import { z } from 'zod';
import { signInRules } from '../../../domain/oauth/rules.ts';
import type { TraceStep } from '../../../domain/oauth/trace.ts';
import { givenId } from '../../../domain/values/id.ts';
import { toPublicKey } from '../../../infra/oauth/index.ts';
import { useCase } from '../../context/use-case.ts';
import { profileNotFound } from '../../server/errors.ts';
import { oauthSettings } from '../oauth/input.ts';
import { signInProblem, toDocumentUrl, toRedirectUri } from '../oauth/profile.ts';
import { clientSecrets } from '../oauth/stored.ts';

const ruleIds = Object.keys(signInRules) as [keyof typeof signInRules, ...(keyof typeof signInRules)[]];
const text = z.record(z.string(), z.string());
/** As stored: what the server and the authorization server said is untrusted. */
const traceStep = z.object({
  at: z.string(),
  title: z.string(),
  request: z.object({ method: z.string(), url: z.string(), parameters: text }).nullable(),
  answer: z.object({ status: z.int(), headers: text, body: z.string() }).nullable(),
  problem: z.string().nullable(),
  findings: z.array(z.object({ rule: z.enum(ruleIds), verdict: z.enum(['follows', 'breaks']), detail: z.string() })),
}) satisfies z.ZodType<TraceStep>;

const time = z.iso.datetime().nullable();
/** How an OAuth profile is signed in, without anything secret. */
export const oauthProfileView = z.object({
  authProfileId: z.uuid(),
  state: z.enum(['signed_out', 'signed_in', 'ended']),
  settings: oauthSettings,
  issuer: z.string().nullable(),
  actsAs: z.string().nullable().describe('Whom it acts as, where the authorization server says so.'),
  scope: z.string().nullable(),
  neededScope: z.string().nullable().describe('What the server asked for and was not granted.'),
  problem: signInProblem.nullable(),
  signedInAt: time,
  tokenExpiresAt: time,
  endsAt: time.describe('When a person has to sign in again, where that is known.'),
  redirectUri: z.string(),
  documentUrl: z.string().nullable(),
  publicKey: z.record(z.string(), z.unknown()).nullable().describe('Of the key for private_key_jwt.'),
  traces: z.array(
    z.object({
      id: z.uuid(),
      startedAt: z.iso.datetime(),
      outcome: z.enum(['begun', 'signed_in', 'failed']),
      problem: signInProblem.nullable(),
      steps: z.array(traceStep),
    }),
  ),
});
export type OAuthProfileView = z.output<typeof oauthProfileView>;

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/**
 * Returns how a profile signs in, whom it acts as, until when, and the traces of its latest sign-ins.
 * @throws ArmatureError `auth_profile_not_found`
 */
export const getSignIn = useCase({
  name: 'auth_profile.get_sign_in',
  access: 'viewer',
  input: z.object({ authProfileId: givenId }),
  async run({ db, orgId, secrets, config }, { authProfileId }): Promise<OAuthProfileView> {
    const [row, traces] = await Promise.all([
      db.oAuthProfile.findFirst({
        where: { orgId, authProfileId },
        include: { authProfile: { select: { secretRef: true } } },
      }),
      db.oAuthSignIn.findMany({
        where: { orgId, authProfileId },
        orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
        take: 5,
      }),
    ]);
    if (!row) throw profileNotFound();
    const { secretRef } = row.authProfile;
    const readable = secretRef === null ? undefined : (await secrets.getReadable(orgId, [secretRef])).get(secretRef);
    const { privateKey } = clientSecrets.parse(readable ?? {});
    return oauthProfileView.parse({
      authProfileId,
      state: row.state,
      settings: row.settings,
      issuer: row.issuer,
      actsAs: row.actsAs,
      scope: row.scope,
      neededScope: row.neededScope,
      problem: row.problem,
      signedInAt: iso(row.signedInAt),
      tokenExpiresAt: iso(row.tokenExpiresAt),
      endsAt: iso(row.endsAt),
      redirectUri: toRedirectUri(config.url),
      documentUrl: toDocumentUrl(config.url),
      publicKey: privateKey === undefined ? null : toPublicKey(privateKey),
      traces: traces.map(({ id, startedAt, outcome, problem, trace }) => ({
        id,
        startedAt: startedAt.toISOString(),
        outcome,
        problem,
        steps: trace,
      })),
    });
  },
});
