import { ArmatureError } from '../../domain/error/error.ts';
import type { Config } from '../../infra/config/index.ts';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { parseAllowList } from '../../infra/outbound/address.ts';
import { isOutboundError } from '../../infra/outbound/error.ts';
import { createPolicy } from '../../infra/outbound/policy.ts';

/**
 * Refuses what may never be called, before anything is sent or saved: plain http to hosts that aren't allowed, addresses inside,
 * metadata, our own ports. Names are resolved, and checked again, at each call.
 * @throws ArmatureError `target_blocked`
 */
export function checkAddress({ allowedTargets, ownPorts }: Config, url: string): void {
  const policy = createPolicy({
    allow: parseAllowList(allowedTargets),
    ownPorts: () => ownPorts,
    connectTimeoutMs: 10_000,
  });
  try {
    policy.checkUrl(url);
  } catch (error) {
    if (!isOutboundError(error)) throw error;
    throw new ArmatureError('target_blocked', error.message, error.remediation, {
      fieldErrors: [{ field: 'url', message: `${error.message} ${error.remediation}` }],
    });
  }
}

/** A server that did not answer may be saved when the caller wants it all the same; one that may not be called never is. */
export function maySave(probe: ProbeResult, saveAnyway: boolean): boolean {
  if (probe.ok) return true;
  return saveAnyway && probe.failure.kind !== 'blocked' && probe.failure.kind !== 'invalid_url';
}

/** Wall time of one probe: connecting, and every page of the tools. Milliseconds. */
export const probeMs = 30_000;
