import { createContext } from 'react-router';
import type { Visit } from '../../services/account/schema.ts';
import type { Session } from '../../services/account/session.ts';
import type { Deps } from '../../services/context/context.ts';

/** What the api process passes to every loader and action (api/dashboard.ts). */
export type RequestContext = {
  armature: Deps;
  requestId: string;
  /** Nonce of this response's content security policy. */
  nonce: string;
  visit: Visit;
  /** Who is signed in; looked up once per request. */
  session(): Promise<Session | null>;
};

export const requestContext = createContext<RequestContext>();
