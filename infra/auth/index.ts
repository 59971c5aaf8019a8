import { prismaAdapter } from 'better-auth/adapters/prisma';
import { createAuthEndpoint, isAPIError } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { betterAuth } from 'better-auth/minimal';
import pLimit from 'p-limit';
import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { dayMs } from '../../domain/values/time.ts';
import type { Config } from '../config/index.ts';
import type { Db } from '../db/index.ts';

export type SignedIn = { sessionId: string; userId: string; name: string; email: string };

/** The visitor of a request: what a session row records, and the cookies sent. */
export type Visit = { cookie: string; address: string; userAgent: string };

/** Passwords and sessions only. Roles and API keys are checked elsewhere. */
export type Auth = {
  /** Salted scrypt hash in the format of `Account.password`. @throws ArmatureError `rate_limited` */
  hashPassword(password: string): Promise<string>;
  /** Whether it is the password of a person; false if they have none. @throws ArmatureError `rate_limited` */
  isPassword(of: { userId: string; password: string }): Promise<boolean>;
  /** Opens a session. Null if the e-mail or password is wrong; both cases take the same time. */
  signIn(
    credentials: { email: string; password: string },
    visit: Visit,
  ): Promise<{ userId: string; cookies: string[] } | null>;
  /** Opens a session for a person who proved who they are elsewhere. @returns the `Set-Cookie` values */
  openSession(userId: string, visit: Visit): Promise<string[]>;
  /** Ends the session immediately. Returns the `Set-Cookie` values that clear its cookie. */
  signOut(visit: Visit): Promise<string[]>;
  /** Null if there is no session or it has ended. Notes its use, so that it ends later. */
  session(visit: Visit): Promise<SignedIn | null>;
};

/** A session that isn't used for as long ends. */
const idleMs = 14 * dayMs;
/** It ends after this time however much it is used. */
const lifetimeMs = 90 * dayMs;
/** Passwords that are hashed at a time: each takes 16 MiB and one of four threads, which file access needs too. */
const maxHashing = 2;
// better-auth reads the address from a header. Only this file sets it; it is never copied from a request.
const addressHeader = 'x-armature-address';

/** Called by this process only: no endpoint of better-auth is served. */
const openSession = createAuthEndpoint({ method: 'POST', body: z.object({ userId: z.string() }) }, async (ctx) => {
  const { internalAdapter } = ctx.context;
  const user = await internalAdapter.findUserById(ctx.body.userId);
  if (!user) throw new Error('There is no such person.');
  await setSessionCookie(ctx, { session: await internalAdapter.createSession(user.id), user });
});

/** @param options.config `url` is the only trusted origin; cookies are `Secure` if it is https. */
export function createAuth({
  config,
  db,
  now = () => new Date(),
  maxWaiting = 100,
}: {
  config: Pick<Config, 'url' | 'authSecret'>;
  db: Db;
  now?: () => Date;
  /** Passwords that may wait to be hashed. */
  maxWaiting?: number;
}): Auth {
  const inTurn = pLimit(maxHashing);
  const auth = betterAuth({
    appName: 'Armature',
    baseURL: config.url,
    secret: config.authSecret,
    trustedOrigins: [new URL(config.url).origin],
    database: prismaAdapter(db, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: true, maxPasswordLength: 256 },
    // The cookie lives as long as a session can. A refresh by better-auth would have to set cookies in every page's
    // loader, so `session` below moves the end of the session in the database instead.
    session: { expiresIn: lifetimeMs / 1000, disableSessionRefresh: true },
    databaseHooks: {
      session: {
        create: {
          before: async (session) => ({ data: { ...session, expiresAt: new Date(now().getTime() + idleMs) } }),
        },
      },
    },
    // better-auth doesn't count calls made on the server; services/account/throttle.ts does.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'armature',
      useSecureCookies: config.url.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { ipAddressHeaders: [addressHeader] },
    },
    // It logs wrong passwords as errors. Failures that matter are thrown.
    logger: { disabled: true },
    telemetry: { enabled: false },
    plugins: [{ id: 'open-session', endpoints: { openSession } }],
  });

  /** @throws ArmatureError `rate_limited` when too many wait already */
  async function hashInTurn<T>(work: () => Promise<T>): Promise<T> {
    if (inTurn.pendingCount < maxWaiting) return inTurn(work);
    throw new ArmatureError(
      'rate_limited',
      'Too many people are signing in at this moment.',
      'Try again in a few seconds.',
      { retryAfterSeconds: 5 },
    );
  }

  /** Moves the end of a session that is in use, at most once a day. @returns false if it has ended */
  async function keepAlive({ id, createdAt, expiresAt }: { id: string; createdAt: Date; expiresAt: Date }) {
    const time = now().getTime();
    const end = createdAt.getTime() + lifetimeMs;
    if (Math.min(expiresAt.getTime(), end) <= time) return false;
    const next = Math.min(time + idleMs, end);
    if (next - expiresAt.getTime() > dayMs)
      await db.session.updateMany({ where: { id }, data: { expiresAt: new Date(next) } });
    return true;
  }

  return {
    hashPassword: (password) => hashInTurn(async () => (await auth.$context).password.hash(password)),

    async isPassword({ userId, password }) {
      const account = await db.account.findFirst({
        where: { userId, providerId: 'credential' },
        select: { password: true },
      });
      const hash = account?.password;
      if (!hash) return false;
      return hashInTurn(async () => (await auth.$context).password.verify({ hash, password }));
    },

    async signIn({ email, password }, visit) {
      try {
        const { headers, response } = await hashInTurn(() =>
          auth.api.signInEmail({
            body: { email, password, rememberMe: true },
            headers: toHeaders(visit),
            returnHeaders: true,
          }),
        );
        return { userId: response.user.id, cookies: headers.getSetCookie() };
      } catch (error) {
        if (isAPIError(error) && error.statusCode === 401) return null;
        throw error;
      }
    },

    async openSession(userId, visit) {
      const { headers } = await auth.api.openSession({
        body: { userId },
        headers: toHeaders(visit),
        returnHeaders: true,
      });
      return headers.getSetCookie();
    },

    async signOut(visit) {
      const { headers } = await auth.api.signOut({ headers: toHeaders(visit), returnHeaders: true });
      return headers.getSetCookie();
    },

    async session(visit) {
      if (!visit.cookie) return null;
      const current = await auth.api.getSession({ headers: toHeaders(visit) });
      if (!current || !(await keepAlive(current.session))) return null;
      const { id: userId, name, email } = current.user;
      return { sessionId: current.session.id, userId, name, email };
    },
  };
}

function toHeaders({ cookie, address, userAgent }: Visit): Headers {
  const headers = new Headers({ [addressHeader]: address, 'user-agent': userAgent });
  if (cookie) headers.set('cookie', cookie);
  return headers;
}
