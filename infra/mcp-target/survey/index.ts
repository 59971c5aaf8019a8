import type { Survey } from '../../../domain/report/evidence.ts';
import manifest from '../../../package.json' with { type: 'json' };
import type { Outbound } from '../../outbound/index.ts';
import type { Redactor } from '../../redaction/index.ts';
import type { Endpoint } from '../endpoint.ts';
import { createSend } from './send.ts';
import { surveySession } from './session.ts';
import { surveySignIn } from './sign-in.ts';
import { surveyStateless } from './stateless.ts';
import { createSurveyor } from './surveyor.ts';

const surveyMs = 30_000;

export async function surveyServer(options: {
  outbound: Outbound;
  endpoint: Endpoint;
  url: URL;
  /** Headers of every request that has no hidden ones of its own. */
  credentials: { [name: string]: string };
  redactor: Redactor;
  signal: AbortSignal;
  mayTryTokens: () => Promise<boolean>;
}): Promise<Survey> {
  const { endpoint, url, mayTryTokens } = options;
  const surveyor = createSurveyor({
    url,
    client: { name: 'armature', version: manifest.version },
    send: createSend(options),
    endsAt: performance.now() + surveyMs,
  });
  const stateless = await surveyStateless(surveyor);
  const session = await surveySession(surveyor);
  const withoutTokens = await surveySignIn(surveyor, { endpoint, mayTryTokens });
  return { session, stateless, withoutTokens, exchanges: [...surveyor.exchanges], stopped: surveyor.stopped() };
}
