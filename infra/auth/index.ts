import { prismaAdapter } from 'better-auth/adapters/prisma';
import { isAPIError } from 'better-auth/api';
import { betterAuth } from 'better-auth/minimal';
import type { Config } from '../config/index.ts';
import type { Db } from '../db/index.ts';

export type SignedIn = { userId: string; name: string; email: string };

/** Who asks: what a session row keeps, and the cookies that were sent. */
export type Visit = { cookie: string; address: string; userAgent: string };

/** Passwords and sessions. Organizations, roles and API keys are not its business. */
export type Auth = {
  /** Salted scrypt hash, as the password check expects it in `Account.password`. */
  hashPassword(password: string): Promise<string>;
  /** Opens a session. Null when the address or the password is wrong; both take the same time. */
  signIn(
    credentials: { email: string; password: string },
    visit: Visit,
  ): Promise<{ userId: string; cookies: string[] } | null>;
  /** Ends the session at once. The answer is the `Set-Cookie` values that take its cookie away. */
  signOut(visit: Visit): Promise<string[]>;
  /** Null when there is no session, or it has expired. */
  session(visit: Visit): Promise<SignedIn | null>;
};

const sessionSeconds = 14 * 24 * 3600;
// Set by us alone, never taken from a request: better-auth reads the address from a header.
const addressHeader = 'x-armature-address';

/** @param options.config `url` decides whether cookies are `Secure`, and is the one trusted origin. */
export function createAuth({ config, db }: { config: Pick<Config, 'url' | 'authSecret'>; db: Db }): Auth {
  const auth = betterAuth({
    appName: 'Armature',
    baseURL: config.url,
    secret: config.authSecret,
    trustedOrigins: [new URL(config.url).origin],
    database: prismaAdapter(db, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: true, maxPasswordLength: 256 },
    // A session ends after a fixed time: a refresh would have to set cookies from every page's loader.
    session: { expiresIn: sessionSeconds, disableSessionRefresh: true },
    // It doesn't count calls from the server; services/account/throttle.ts does.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'armature',
      useSecureCookies: config.url.startsWith('https:'),
      defaultCookieAttributes: { httpOnly: true, sameSite: 'lax', path: '/' },
      ipAddress: { ipAddressHeaders: [addressHeader] },
    },
    // A wrong password would be logged as an error; failures that matter are thrown.
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
      const found = await auth.api.getSession({ headers: toHeaders(visit) });
      return found ? { userId: found.user.id, name: found.user.name, email: found.user.email } : null;
    },
  };
}

function toHeaders({ cookie, address, userAgent }: Visit): Headers {
  const headers = new Headers({ [addressHeader]: address, 'user-agent': userAgent });
  if (cookie) headers.set('cookie', cookie);
  return headers;
}
