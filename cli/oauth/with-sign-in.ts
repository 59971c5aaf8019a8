import { signInRules } from '../../domain/oauth/rules.ts';
import type { TraceStep } from '../../domain/oauth/trace.ts';
import type { Endpoint, EndpointAuth } from '../../infra/mcp-target/index.ts';
import { usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import type { Output } from '../output/output.ts';
import { oneLine } from '../output/style.ts';
import { openBrowser, openCallback } from './browser.ts';
import type { OAuthFlags } from './options.ts';
import { createSignIn } from './sign-in.ts';

/**
 * Signs in for the work: by the browser of this machine, or with client credentials if a secret is given.
 * @returns what `work` returns, and the trace of the sign-in
 */
export async function withSignIn<T>(
  io: Io,
  { endpoint, flags, output }: { endpoint: Endpoint; flags: OAuthFlags; output: Output },
  work: (auth: EndpointAuth) => Promise<T>,
): Promise<{ result: T; trace: TraceStep[] }> {
  const [{ createOAuth }, { createOutbound }] = await Promise.all([
    import('../../infra/oauth/index.ts'),
    import('../../infra/outbound/index.ts'),
  ]);
  const { clientId, clientSecretEnv, scopes } = flags;
  const clientSecret = clientSecretEnv === undefined ? undefined : io.env[clientSecretEnv];
  if (clientSecretEnv !== undefined && !clientSecret)
    throw usageError(`The environment variable ${clientSecretEnv} is not set.`);
  if (clientSecret !== undefined && clientId === undefined) throw usageError('--client-secret-env needs --client-id.');
  const outbound = createOutbound({ allowedTargets: 'any' });
  const callback = await openCallback(io.signal);
  try {
    const { url, transport, headers } = endpoint;
    const signIn = createSignIn({
      oauth: createOAuth({ outbound, now: () => new Date() }),
      server: { url, transport, headers },
      client: clientId === undefined ? null : { clientId, clientSecret },
      clientCredentials: clientSecret !== undefined,
      scope: scopes,
      redirectUri: callback.redirectUri,
      followsNewIssuer: false,
      async authorize(address) {
        output.note(`Sign in at ${address}`);
        openBrowser(address);
        return callback.answer;
      },
    });
    const secrets = clientSecret === undefined ? [] : [clientSecret];
    const result = await work({ kind: 'oauth', tokens: signIn.tokens, secrets });
    return { result, trace: signIn.trace() };
  } finally {
    callback.close();
    await outbound.close();
  }
}

/** Shows each step of a sign-in, with the rules that it follows or breaks. */
export function showTrace({ line, style }: Output, trace: readonly TraceStep[]): void {
  line(style('bold', 'Sign-in'));
  for (const { title, request, answer, problem, findings } of trace) {
    const asked = request ? `: ${request.method} ${oneLine(request.url, 200)}` : '';
    line(`  ${title}${asked}${answer ? ` → ${answer.status}` : ''}`);
    if (problem) line(style('red', `    ${oneLine(problem, 300)}`));
    for (const { rule, verdict, detail } of findings) {
      const { level, title: says, remedy } = signInRules[rule];
      if (verdict === 'follows') line(style('dim', `    ✓ ${says}`));
      else
        line(style(level === 'must' ? 'red' : 'yellow', `    ✗ ${says} (${level}). ${oneLine(detail, 300)} ${remedy}`));
    }
  }
  line();
}
