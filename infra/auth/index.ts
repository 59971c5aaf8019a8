import { prismaAdapter } from 'better-auth/adapters/prisma';
import { isAPIError } from 'better-auth/api';
import { betterAuth } from 'better-auth/minimal';
import type { Config } from '../config/index.ts';
import type { Db } from '../db/index.ts';

export type SignedIn = { userId: string; name: string; email: string };

/** The visitor of a request: what a session row records, and the cookies sent. */
export type Visit = { cookie: string; address: string; userAgent: string };

/** Passwords and sessions only. Roles and API keys are checked elsewhere. */
export type Auth = {
  /** Salted scrypt hash in the format of `Account.password`. */
  hashPassword(password: string): Promise<string>;
  /** Opens a session. Null if the e-mail or password is wrong; both cases take the same time. */
  signIn(
    credentials: { email: string; password: string },
    visit: Visit,
  ): Promise<{ userId: string; cookies: string[] } | null>;
  /** Ends the session immediately. Returns the `Set-Cookie` values that clear its cookie. */
  signOut(visit: Visit): Promise<string[]>;
  /** Null if there is no session or it has expired. */
  session(visit: Visit): Promise<SignedIn | null>;
};

const sessionSeconds = 14 * 24 * 3600;
// better-auth reads the address from a header. Only this file sets it; it is never copied from a request.
const addressHeader = 'x-armature-address';

/** @param options.config `url` is the only trusted origin; cookies are `Secure` if it is https. */
export function createAuth({ config, db }: { config: Pick<Config, 'url' | 'authSecret'>; db: Db }): Auth {
  const auth = betterAuth({
    appName: 'Armature',
    baseURL: config.url,
    secret: config.authSecret,
    trustedOrigins: [new URL(config.url).origin],
    database: prismaAdapter(db, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: true, maxPasswordLength: 256 },
    // Sessions have a fixed lifetime: a refresh would have to set cookies in every page's loader.
    session: { expiresIn: sessionSeconds, disableSessionRefresh: true },
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
  });

  return {
    hashPassword: async (password) => (await auth.$context).password.hash(password),

    async signIn({ email, password }, visit) {
      try {
        const { headers, response } = await auth.api.signInEmail({
          body: { email, password, rememberMe: true },
          headers: toHeaders(visit),
          returnHeaders: true,
        });
        return { userId: response.user.id, cookies: headers.getSetCookie() };
      } catch (error) {
        if (isAPIError(error) && error.statusCode === 401) return null;
        throw error;
      }
    },

    async signOut(visit) {
      const { headers } = await auth.api.signOut({ headers: toHeaders(visit), returnHeaders: true });
      return headers.getSetCookie();
    },

    async session(visit) {
      if (!visit.cookie) return null;
      const current = await auth.api.getSession({ headers: toHeaders(visit) });
      return current ? { userId: current.user.id, name: current.user.name, email: current.user.email } : null;
    },
  };
}

function toHeaders({ cookie, address, userAgent }: Visit): Headers {
  const headers = new Headers({ [addressHeader]: address, 'user-agent': userAgent });
  if (cookie) headers.set('cookie', cookie);
  return headers;
}
