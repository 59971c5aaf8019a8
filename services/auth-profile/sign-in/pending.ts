import { z } from 'zod';
import { discoveredState } from '../oauth/profile.ts';
import { clientOrigins, registeredClient } from '../oauth/stored.ts';

/** Milliseconds: until a person has to be back from the authorization server, and for the requests on the way. */
export const signInMs = { answer: 10 * 60_000, requests: 60_000 };

/** What the end of a sign-in needs; sealed meanwhile. */
export const pendingSignIn = z.object({
  state: z.string(),
  codeVerifier: z.string(),
  issuer: z.string(),
  announcesIss: z.boolean(),
  redirectUri: z.string(),
  discovered: discoveredState,
  client: registeredClient.extend({ privateKey: z.string().optional() }),
  origin: z.enum(clientOrigins),
});
