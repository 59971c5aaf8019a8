import type { Command } from 'commander';
import type { TraceStep } from '../../domain/oauth/trace.ts';
import type { Endpoint, EndpointAuth } from '../../infra/mcp-target/index.ts';
import { usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import type { Output } from '../output/output.ts';

export type OAuthFlags = { oauth?: boolean; clientId?: string; clientSecretEnv?: string; scopes?: string };

/** The options of every verb that can sign in. */
export const addOAuthOptions = (command: Command): Command =>
  command
    .option('--oauth', 'sign in by OAuth: in the browser, or with client credentials')
    .option('--client-id <id>', 'the id of a client that is registered already')
    .option('--client-secret-env <variable>', 'the environment variable that holds its secret')
    .option('--scopes <scopes>', 'the scopes to ask for, separated by spaces');

type Options = { endpoint: Endpoint; flags: OAuthFlags; output: Output };

/**
 * Does the work with the endpoint's own credentials, or signed in where that was asked for.
 * @returns what `work` returns, and the trace of the sign-in
 */
export async function withAuth<T>(
  io: Io,
  options: Options,
  work: (auth: EndpointAuth) => Promise<T>,
): Promise<{ result: T; trace: TraceStep[] | null }> {
  const { oauth, clientId, clientSecretEnv, scopes } = options.flags;
  if (oauth) return (await import('./with-sign-in.ts')).withSignIn(io, options, work);
  if ([clientId, clientSecretEnv, scopes].some((flag) => flag !== undefined))
    throw usageError('--client-id, --client-secret-env and --scopes need --oauth.');
  return { result: await work(options.endpoint.auth), trace: null };
}

/** Shows each step of a sign-in, with the rules that it follows or breaks. */
export async function showSignIn(output: Output, trace: readonly TraceStep[]): Promise<void> {
  (await import('./with-sign-in.ts')).showTrace(output, trace);
}
