import { z } from 'zod';

/** What an incident can be about (prisma/schema.prisma, AlertSubject, says how each is keyed). */
export const subjectKinds = ['monitor', 'workflow', 'server', 'tool_change', 'installation'] as const;
export type SubjectKind = (typeof subjectKinds)[number];

/** `warn`: degraded, partial. `bad`: fail, error, flagged, unreachable, a breaking change. */
export const incidentLevels = ['warn', 'bad'] as const;
export type IncidentLevel = (typeof incidentLevels)[number];

export const closeReasons = ['recovered', 'accepted', 'gone'] as const;
export type CloseReason = (typeof closeReasons)[number];

/** What failed, as far as it is known. Texts are redacted and untrusted: targets wrote them. */
export const incidentCause = z.object({
  /**
   * A check's or run's outcome (`fail`, `error`, `degraded`, `partial`, `flagged`), `unreachable`, `breaking_change`,
   * or a problem of the installation.
   */
  outcome: z.string(),
  errorKind: z.string().optional(),
  message: z.string().optional(),
  trigger: z.enum(['scheduled', 'manual']).optional(),
  runId: z.uuid().optional(),
  /** Nominal time of the check. */
  checkAt: z.iso.datetime().optional(),
  failingCriteria: z.array(z.string()).optional(),
  /** What a breaking change changed, a line each. */
  changes: z.array(z.string()).optional(),
  /**
   * The tool as it was before a breaking change (a `CatalogToolShape`): being compatible with it again is the recovery.
   */
  baseline: z.unknown().optional(),
});
export type IncidentCause = z.infer<typeof incidentCause>;
