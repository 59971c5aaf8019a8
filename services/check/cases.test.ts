import { describe, expect, it } from 'vitest';
import type { CheckErrorKind } from '../../domain/monitor/monitor.ts';
import type { TargetErrorKind } from '../../infra/mcp-target/index.ts';
import type { Outcome } from '../../tests/support/targets/cases/index.ts';
import { setUpCases } from '../../tests/support/targets/cases/set-up.ts';
import { callTool, connectForCalls } from './call.ts';

const signal = new AbortController().signal;
const { cases, targets, toEndpoint } = setUpCases();
const deps = { targets, outputSchemas: { check: () => null } };

const kinds: { [kind in TargetErrorKind]?: CheckErrorKind } = {
  protocol_error: 'protocol',
  malformed_result: 'malformed',
  unreachable: 'unreachable',
  // All of these are lost by a 404, which is an answer.
  session_lost: 'http_status',
};

const toErrorKind = ({ kind, details }: Outcome & { ok: false }): string =>
  details?.inputRequired ? 'input_required' : (kinds[kind] ?? kind);

// Every server here can be connected to: connecting is tested with the targets.
const rows = Object.entries(cases).filter(([, { probe }]) => probe?.ok !== false);

describe('a check of a server', { timeout: 60_000 }, () => {
  it.each(rows)('%s', async (name, { call = { ok: true } }) => {
    // Sessions are lost after requests that a check doesn't make.
    const outcome: Outcome = name.startsWith('session-lost') ? { ok: true } : call;
    const server = toEndpoint(name);
    // A check doesn't list tools: it needs to know the revision in which listing them worked.
    const probe = name.startsWith('discover-then') ? await targets.probe(server, { signal }) : null;
    const to = { endpoint: { ...server, ...(probe?.ok && { protocolVersion: probe.protocolVersion }) } };
    const connection = connectForCalls(deps, to, { signal, timeoutMs: 10_000 });
    const timeoutMs = !outcome.ok && outcome.kind === 'timeout' ? 300 : 20_000;
    const { result } = await callTool(deps, connection, {
      tool: 'x',
      arguments: {},
      timeoutMs,
      signal,
      outputSchema: null,
    });
    await connection.close();
    if (outcome.ok)
      return expect(result).toMatchObject({ kind: 'answer', result: { isError: outcome.isError ?? false } });
    expect(result).toMatchObject({ kind: 'error', errorKind: toErrorKind(outcome) });
    for (const words of outcome.says) expect(result.kind === 'error' && result.message).toContain(words);
  });
});
