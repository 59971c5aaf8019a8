import { z } from 'zod';
import { incidentLevels } from './incident.ts';

/** What was seen of a subject at one time. A check that was not reached, or a run that was canceled, is no observation. */
export type Observation = {
  /** Unix time in milliseconds. */
  at: number;
  level: 'ok' | 'warn' | 'bad';
  /** `fail`, `error`, `degraded`, `partial`, `pass` and so on: what rules choose by. */
  outcome: string;
  /** A run whose agent called a blocked tool, whatever its status is. */
  flagged?: boolean;
  /** A run that somebody asked for. */
  manual?: boolean;
};

/** As few letters as can be: the state is written at each failure. `f`: flagged, `m`: manual. */
const failure = z.object({ at: z.int(), o: z.string(), f: z.literal(1).optional(), m: z.literal(1).optional() });
export type Failure = z.infer<typeof failure>;

/** What a rule remembers of a subject over its incidents. */
const ruleMemory = z.object({
  /** Whether, by this rule, the subject is failing. */
  alarm: z.boolean(),
  /** When that changed, within the last hour. */
  changes: z.array(z.int()),
  flapping: z.boolean(),
  /** The rule has said that it flaps. */
  flapTold: z.boolean(),
  /** The incident whose recovery is told once the flapping is over and the subject well. */
  owed: z.string().nullable(),
  /** When it last told of an incident: what the cooldown counts from. */
  toldAt: z.int().nullable(),
});
export type RuleMemory = z.infer<typeof ruleMemory>;

export const subjectState = z.object({
  /** Time of the latest observation. */
  seenAt: z.int().nullable(),
  open: z
    .object({ incidentId: z.string(), level: z.enum(incidentLevels), openedAt: z.int(), failures: z.int() })
    .nullable(),
  /** The latest failures, oldest first: all of the open incident and those of a day before, a hundred at most. */
  failures: z.array(failure),
  /** By rule id. */
  rules: z.record(z.string(), ruleMemory),
});
/** The state of a subject's machine, as AlertSubject keeps it. */
export type SubjectState = z.infer<typeof subjectState>;

export const freshState: SubjectState = { seenAt: null, open: null, failures: [], rules: {} };

/** What a rule has told of one incident, as IncidentTelling keeps it. */
export const tellingState = z.object({
  /** The rule's threshold was met, and the subject has not been well by the rule since. */
  met: z.boolean(),
  /** People know that it is failing, and not yet that it recovered. */
  told: z.boolean(),
  /** When they last heard of it: what reminders count from. */
  toldAt: z.int().nullable(),
  /** How many notices of each kind went out: the last one's ordinal. */
  opened: z.int(),
  reminder: z.int(),
  flapping: z.int(),
  recovered: z.int(),
});
export type TellingState = z.infer<typeof tellingState>;

export const freshTelling: TellingState = {
  met: false,
  told: false,
  toldAt: null,
  opened: 0,
  reminder: 0,
  flapping: 0,
  recovered: 0,
};
