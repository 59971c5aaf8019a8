import { z } from 'zod';
import { endReasons, incidentLevels, subjectKinds } from '../incident/incident.ts';
import { deliveryKinds } from './rule.ts';

/**
 * The content of an alert, before it becomes Slack blocks, an e-mail or a webhook's body. All texts but `ruleName` and
 * `organization` are untrusted: renderers escape them. Paths are relative to the dashboard's URL.
 */
export const alertMessage = z.object({
  kind: z.enum(deliveryKinds),
  /** Of `closed`: why nothing more is sent about the incident. */
  reason: z.enum(endReasons).nullable().default(null),
  organization: z.object({ name: z.string(), slug: z.string() }),
  ruleName: z.string(),
  level: z.enum(incidentLevels),
  subject: z.object({ kind: z.enum(subjectKinds), name: z.string(), path: z.string() }),
  serverName: z.string().nullable(),
  /** One line: what broke or recovered. */
  title: z.string(),
  /** What went wrong: error message, failing criteria, changes; one line each. */
  lines: z.array(z.string()).max(12),
  since: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  failureCount: z.int(),
  incidentId: z.uuid().nullable(),
  /** The first is the main link. */
  links: z.array(z.object({ text: z.string(), path: z.string() })).min(1),
  /** The workflow that its buttons act on. */
  workflowId: z.uuid().nullable(),
  monitorId: z.uuid().nullable(),
  runId: z.uuid().nullable(),
});
export type AlertMessage = z.infer<typeof alertMessage>;
