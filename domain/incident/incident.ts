import { z } from 'zod';

export { type SubjectKind, subjectKinds } from './subject-kind.ts';

/** `warn`: degraded, partial. `bad`: fail, error, flagged, unreachable, a breaking change. */
export const incidentLevels = ['warn', 'bad'] as const;
export type IncidentLevel = (typeof incidentLevels)[number];

/** `accepted`: closed by a person. The last three: its subject was, so that it is no longer tested. */
export const closeReasons = ['recovered', 'accepted', 'paused', 'deleted', 'changed'] as const;
export type CloseReason = (typeof closeReasons)[number];

/** Why the notifications about an incident can end without a recovery. Also what can happen to a rule. */
export const endReasons = ['accepted', 'paused', 'deleted', 'changed'] as const satisfies CloseReason[];
export type EndReason = (typeof endReasons)[number];

/** What failed, as far as it is known. Texts are redacted and untrusted: targets wrote them. */
export const incidentCause = z.object({
  /**
   * A check's or run's outcome (`fail`, `error`, `degraded`, `partial`, `flagged`), `unreachable`, `refused` (an auth
   * profile), `breaking_change`, `budget`, or a problem of the installation.
   */
  outcome: z.string(),
  errorKind: z.string().optional(),
  /** Why a server does not answer, or how it refuses an auth profile, in a few words (monitor/server-failure.ts). */
  reason: z.string().optional(),
  message: z.string().optional(),
  trigger: z.enum(['scheduled', 'manual']).optional(),
  runId: z.uuid().optional(),
  /** Nominal time of the check. */
  checkAt: z.iso.datetime().optional(),
  failingCriteria: z.array(z.string()).optional(),
  /** Of most servers at the same time: those that don't answer, and of how many. */
  servers: z.array(z.object({ id: z.uuid(), name: z.string() })).optional(),
  serverCount: z.int().optional(),
  /** What a breaking change changed, a line each. */
  changes: z.array(z.string()).optional(),
  /**
   * The tool as it was before a breaking change (a `CatalogToolShape`): being compatible with it again is the recovery.
   */
  baseline: z.unknown().optional(),
});
export type IncidentCause = z.infer<typeof incidentCause>;
