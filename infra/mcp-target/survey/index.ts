import type { Survey } from '../../../domain/report/evidence.ts';
import manifest from '../../../package.json' with { type: 'json' };
import type { Outbound } from '../../outbound/index.ts';
import type { Redactor } from '../../redaction/index.ts';
import { type Endpoint, toHeaders } from '../endpoint.ts';
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
  redactor: Redactor;
  signal: AbortSignal;
}): Promise<Survey> {
  const { endpoint, url } = options;
  const surveyor = createSurveyor({
    url,
    client: { name: 'armature', version: manifest.version },
    send: createSend(options),
    credentials: toHeaders(endpoint),
    endsAt: performance.now() + surveyMs,
  });
  const stateless = await surveyStateless(surveyor);
  const session = await surveySession(surveyor);
  await surveySignIn(surveyor, endpoint);
  return { session, stateless, exchanges: [...surveyor.exchanges], stopped: surveyor.stopped() };
}
