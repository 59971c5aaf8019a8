import type { Visit } from '../../services/account/schema.ts';
import type { Session } from '../../services/account/session.ts';
import type { Deps } from '../../services/context/context.ts';

declare module '@remix-run/server-runtime' {
  /** What the api process gives to every loader and action (api/dashboard.ts). */
  interface AppLoadContext {
    armature: Deps;
    requestId: string;
    /** Of this answer's content security policy. */
    nonce: string;
    visit: Visit;
    /** Who is signed in; asked once per request. */
    session(): Promise<Session | null>;
  }
  interface Future {
    v3_singleFetch: true;
  }
}
