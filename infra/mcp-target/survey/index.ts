import type { Survey } from '../../../domain/report/evidence.ts';
import manifest from '../../../package.json' with { type: 'json' };
import type { Outbound } from '../../outbound/index.ts';
import { createRedactor } from '../../redaction/index.ts';
import { type Endpoint, listSecrets, toHeaders } from '../endpoint.ts';
import { createSend } from './send.ts';
import { surveySession } from './session.ts';
import { surveySignIn } from './sign-in.ts';
import { surveyStateless } from './stateless.ts';
import { createSurveyor } from './surveyor.ts';

const surveyMs = 30_000;

/**
 * Asks a server some 80 harmless questions, right and wrong ones, and keeps the exchanges, masked. No tool is called.
 * Only for Streamable HTTP. @throws {TargetError} for an address or headers that can't be used, or the signal's reason
 */
export async function surveyServer(
  { outbound }: { outbound: Outbound },
  endpoint: Endpoint,
  { signal }: { signal: AbortSignal },
): Promise<Survey> {
  const url = outbound.checkUrl(endpoint.url);
  const surveyor = createSurveyor({
    url,
    client: { name: 'armature', version: manifest.version },
    send: createSend({ outbound, url, redactor: createRedactor(listSecrets(endpoint)), signal }),
    credentials: toHeaders(endpoint),
    endsAt: performance.now() + surveyMs,
  });
  const stateless = await surveyStateless(surveyor);
  const session = await surveySession(surveyor);
  await surveySignIn(surveyor, endpoint);
  return { session, stateless, exchanges: [...surveyor.exchanges], stopped: surveyor.stopped() };
}
