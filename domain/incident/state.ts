import { z } from 'zod';
import { incidentLevels } from './incident.ts';

/** What was observed of a subject at one time. Checks that were not reached and canceled runs are no observations. */
export type Observation = {
  /** Unix time in milliseconds. */
  at: number;
  level: 'ok' | 'warn' | 'bad';
  /** `fail`, `error`, `degraded`, `partial`, `pass` and so on: what rules match. */
  outcome: string;
  /** A run whose agent called a blocked tool, whatever its status is. */
  flagged?: boolean;
  /** A manual run. */
  manual?: boolean;
};

const failure = z.object({
  at: z.int(),
  outcome: z.string(),
  flagged: z.literal(true).optional(),
  manual: z.literal(true).optional(),
});
export type Failure = z.infer<typeof failure>;

/** What a rule remembers of a subject across its incidents. */
const ruleMemory = z.object({
  /** Whether the subject is failing by this rule. */
  firing: z.boolean(),
  /** When `firing` changed, within the last hour. */
  changes: z.array(z.int()),
  flapping: z.boolean(),
  /** Whether flapping is the last thing that the rule has notified. */
  flappingNotified: z.boolean(),
  /** When the rule last notified of an incident; the cooldown counts from here. */
  notifiedAt: z.int().nullable(),
});
export type RuleMemory = z.infer<typeof ruleMemory>;

export const freshMemory: RuleMemory = {
  firing: false,
  changes: [],
  flapping: false,
  flappingNotified: false,
  notifiedAt: null,
};

export const subjectState = z.object({
  /** Time of the latest observation. */
  seenAt: z.int().nullable(),
  open: z
    .object({ incidentId: z.string(), level: z.enum(incidentLevels), openedAt: z.int(), failures: z.int() })
    .nullable(),
  /** The latest failures, oldest first: those of the open incident and of the day before it, at most a hundred. */
  failures: z.array(failure),
  /** By rule id. */
  rules: z.record(z.string(), ruleMemory),
});
/** The incident state of a subject, as AlertSubject stores it. */
export type SubjectState = z.infer<typeof subjectState>;

export const freshState: SubjectState = { seenAt: null, open: null, failures: [], rules: {} };

/** What a rule has notified of one incident, as IncidentTelling stores it. */
export const notificationState = z.object({
  /** The threshold was met, and the subject hasn't recovered (per this rule) since. */
  met: z.boolean(),
  /** A failure was notified, its end not yet. */
  notified: z.boolean(),
  /** Time of the latest notification; reminders count from here. */
  notifiedAt: z.int().nullable(),
  /** Number of notifications of each kind: the ordinal of the last one. */
  opened: z.int(),
  reminder: z.int(),
  flapping: z.int(),
  recovered: z.int(),
  closed: z.int().default(0),
});
export type NotificationState = z.infer<typeof notificationState>;

export const freshNotification: NotificationState = {
  met: false,
  notified: false,
  notifiedAt: null,
  opened: 0,
  reminder: 0,
  flapping: 0,
  recovered: 0,
  closed: 0,
};
