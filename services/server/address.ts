import { ArmatureError } from '../../domain/error/error.ts';
import type { Config } from '../../infra/config/index.ts';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { parseAllowList } from '../../infra/outbound/address.ts';
import { isOutboundError } from '../../infra/outbound/error.ts';
import { createPolicy } from '../../infra/outbound/policy.ts';

/**
 * Refuses addresses that may never be called, before anything is sent or saved: plain http to hosts that aren't
 * allowed, internal addresses, metadata services, our own ports. Names are resolved and checked again at each call.
 * @param field the argument that has the address
 * @throws ArmatureError `target_blocked`
 */
export function checkAddress(
  { url: ownUrl, allowedTargets, ownPorts, ownServices }: Config,
  url: string,
  field: string = 'url',
): void {
  // A Product MCP is tested like any other server.
  if (url.startsWith(`${ownUrl}/p/`)) return;
  const policy = createPolicy({
    allow: parseAllowList(allowedTargets),
    ownPorts: () => ownPorts,
    ownServices,
    connectTimeoutMs: 10_000,
  });
  try {
    policy.checkUrl(url);
  } catch (error) {
    if (!isOutboundError(error)) throw error;
    throw new ArmatureError('target_blocked', error.message, error.remediation, {
      fieldErrors: [{ field, message: `${error.message} ${error.remediation}` }],
    });
  }
}

/**
 * Whether a probed server may be saved: `saveAnyway` saves one that did not answer, but never one that may not be
 * called.
 */
export function maySave(probe: ProbeResult, saveAnyway: boolean): boolean {
  if (probe.ok) return true;
  return saveAnyway && probe.failure.kind !== 'blocked' && probe.failure.kind !== 'invalid_url';
}

/** Time limit of one probe, with connecting and every page of tools. Milliseconds. */
export const probeMs = 30_000;
