import type { AlertMessage } from '../../../domain/notification/message.ts';
import { toDashboardUrl } from '../dashboard-url.ts';

/**
 * Builds the JSON body of a webhook (docs/alerts.md), the same for every attempt. Version 1 may get more fields. Times
 * are ISO 8601. Targets may have written `title`, `lines`, `subject` and `server`.
 */
export function toWebhookBody(
  message: AlertMessage,
  { url, row }: { url: string; row: { id: string; ruleId: string | null; sequence: number | null; createdAt: Date } },
) {
  const { organization, ruleName, subject, serverName, incidentId, links } = message;
  return {
    version: 1,
    type: `alert.${message.kind}`,
    reason: message.reason,
    deliveryId: row.id,
    sequence: row.sequence,
    createdAt: row.createdAt.toISOString(),
    organization,
    rule: { id: row.ruleId, name: ruleName },
    level: message.level,
    title: message.title,
    lines: message.lines,
    subject: { kind: subject.kind, name: subject.name, url: toDashboardUrl(url, subject.path) },
    server: serverName === null ? null : { name: serverName },
    incidentId,
    workflowId: message.workflowId,
    monitorId: message.monitorId,
    runId: message.runId,
    since: message.since,
    endedAt: message.endedAt,
    failureCount: message.failureCount,
    links: links.map(({ text, path }) => ({ text, url: toDashboardUrl(url, path) })),
  };
}
