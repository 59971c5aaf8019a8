import { z } from 'zod';
import { rules } from '../../domain/report/catalogue.ts';
import { areas, severities, statuses } from '../../domain/report/rule.ts';

/** What one rule came to, as it is stored. */
const storedRule = z.object({
  id: z.string(),
  version: z.int(),
  status: z.enum(statuses),
  reason: z.string().nullable(),
  /** Findings that are not listed, because there are too many. */
  more: z.int(),
});
export const storedRules = z.array(storedRule);
export type StoredRule = z.infer<typeof storedRule>;

export const storedClients = z.array(z.object({ client: z.string(), loads: z.int(), of: z.int() }));

export const findingOutput = z.object({
  findingId: z.uuid(),
  rule: z.string(),
  version: z.int().describe('Of the rule. It rises when the rule finds something else.'),
  area: z.enum(areas),
  severity: z.enum(severities),
  title: z.string().describe('What should be the case.'),
  clause: z.string().describe('The clause of a specification, or the reason.'),
  remedy: z.string().describe('What to do.'),
  subject: z.string().describe('A tool, an argument or a request of the survey; empty: the server as a whole.'),
  message: z.string().describe('What is wrong. Quotes the server.'),
  wire: z.string().nullable().describe('What was on the wire, masked.'),
  firstSeenAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
  fixedAt: z.iso.datetime().nullable().describe('Null while it is there.'),
  accepted: z
    .object({ by: z.string(), at: z.iso.datetime(), reason: z.string(), until: z.iso.datetime().nullable() })
    .nullable()
    .describe('An accepted finding takes no points and causes no alert.'),
});
export type FindingView = z.infer<typeof findingOutput>;

const mover = z.object({
  rule: z.string(),
  title: z.string(),
  severity: z.enum(severities),
  points: z.int(),
  findings: z.int(),
});

export const reportOutput = z.object({
  serverId: z.uuid(),
  serverName: z.string(),
  at: z.iso.datetime().nullable().describe('When the report was made; null before the first sync.'),
  scores: z.array(
    z.object({
      area: z.enum(areas),
      score: z.int().nullable().describe('0 to 100; null when no rule of the area could be run.'),
      movers: z.array(mover).describe('The failed rules with the points that they took, most first.'),
      passed: z.int(),
      failed: z.int(),
      notApplicable: z.int(),
      couldNotRun: z.int(),
    }),
  ),
  findings: z
    .array(findingOutput)
    .describe('Most severe first. Those of the latest report, and with fixed also others.'),
  notRun: z.array(z.object({ rule: z.string(), title: z.string(), reason: z.string() })),
  clients: storedClients.describe('Which clients can load how many of the tools.'),
  history: z
    .array(
      z.object({
        at: z.iso.datetime(),
        conformance: z.int().nullable(),
        quality: z.int().nullable(),
        safety: z.int().nullable(),
        must: z.int(),
        should: z.int(),
        advice: z.int(),
      }),
    )
    .describe('When the scores or the numbers of open findings changed, newest first.'),
});
export type ReportView = z.infer<typeof reportOutput>;

export const ruleById: ReadonlyMap<string, (typeof rules)[number]> = new Map(rules.map((rule) => [rule.id, rule]));

export const isAccepted = (
  { acceptedAt, acceptedUntil }: { acceptedAt: Date | null; acceptedUntil: Date | null },
  at: Date,
): boolean => acceptedAt !== null && (acceptedUntil === null || acceptedUntil > at);
