import { z } from 'zod';
import { closeReasons, incidentCause, subjectKinds } from '../../../domain/incident/incident.ts';
import { deliveryKinds, deliveryStates } from '../../../domain/notification/rule.ts';
import { givenId } from '../../../domain/values/id.ts';
import { acceptIncident } from '../../../services/incident/accept.ts';
import { acknowledgeIncident } from '../../../services/incident/acknowledge.ts';
import { addIncidentNote } from '../../../services/incident/add-note.ts';
import { assignIncident } from '../../../services/incident/assign.ts';
import { getIncident } from '../../../services/incident/get.ts';
import { listIncidents } from '../../../services/incident/list.ts';
import { getIncidentTimeline, timelineEntry } from '../../../services/incident/timeline.ts';
import { defineRoute, pageOf, paging } from '../route.ts';
import { time } from '../schemas.ts';

const incident = z
  .object({
    id: z.uuid(),
    subject: z.object({ kind: z.enum(subjectKinds), name: z.string(), tool: z.string().nullable() }),
    serverName: z.string().nullable(),
    level: z.enum(['warn', 'bad']),
    summary: z.string().describe('Partly the words of servers; untrusted.'),
    state: z.enum(['open', 'closed']),
    openedAt: time,
    lastFailedAt: time,
    closedAt: time.nullable(),
    closeReason: z.enum(closeReasons).nullable(),
    closedBy: z.string().nullable(),
    failureCount: z.int(),
    acknowledgedBy: z.string().nullable().describe('`<kind>:<id>`; null: nobody has acknowledged it.'),
    acknowledgedAt: time.nullable(),
    assignee: z.object({ userId: z.string(), name: z.string().nullable() }).nullable(),
    parentId: z.uuid().nullable().describe('The incident of its server, or of most servers, that absorbed it.'),
  })
  .meta({ id: 'Incident' });
const delivery = z
  .object({
    id: z.uuid(),
    ruleId: z.uuid(),
    ruleName: z.string(),
    kind: z.enum(deliveryKinds),
    ordinal: z.int(),
    state: z.enum(deliveryStates),
    error: z.string().nullable(),
    createdAt: time,
    endedAt: time.nullable(),
  })
  .meta({ id: 'IncidentDelivery' });

const ref = z.object({ incidentId: givenId });

export const incidentRoutes = [
  defineRoute({
    method: 'GET',
    path: '/incidents',
    summary: 'Lists incidents, latest opened first',
    useCase: listIncidents,
    input: listIncidents.useCase.input.extend(paging),
    output: pageOf(incident),
    async run(ctx, filters) {
      const { incidents, nextCursor } = await listIncidents(ctx, filters);
      return { rows: incidents, nextCursor };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/incidents/{incidentId}',
    summary: 'Returns an incident with its cause and notifications',
    useCase: getIncident,
    input: ref,
    output: z.object({
      incident,
      cause: incidentCause.omit({ baseline: true }).meta({ id: 'IncidentCause' }),
      parent: incident.nullable(),
      absorbed: z.array(incident),
      deliveries: z.array(delivery),
      similar: z.array(incident).describe('The latest earlier ones of the same subject.'),
      rules: z.array(z.object({ id: z.uuid(), name: z.string(), mutedUntil: time.nullable() })),
    }),
    run: (ctx, given) => getIncident(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/incidents/{incidentId}/acknowledge',
    summary: 'Says that somebody looks after an incident: no more reminders',
    useCase: acknowledgeIncident,
    input: acknowledgeIncident.useCase.input,
    output: z.object({ incident }),
    run: (ctx, given) => acknowledgeIncident(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/incidents/{incidentId}/assign',
    summary: 'Names the member who looks after an incident',
    useCase: assignIncident,
    input: assignIncident.useCase.input,
    output: z.object({ incident }),
    run: (ctx, given) => assignIncident(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/incidents/{incidentId}/notes',
    summary: 'Adds a note to an incident',
    status: 201,
    useCase: addIncidentNote,
    input: addIncidentNote.useCase.input,
    output: z.object({ noteId: z.uuid(), at: time }),
    run: (ctx, given) => addIncidentNote(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/incidents/{incidentId}/timeline',
    operation: 'getIncidentTimeline',
    summary: 'Returns what happened around an incident, oldest first: changes, notes, notifications',
    useCase: getIncidentTimeline,
    input: ref,
    output: z.object({ rows: z.array(timelineEntry.meta({ id: 'TimelineEntry' })) }),
    run: async (ctx, given) => ({ rows: (await getIncidentTimeline(ctx, given)).entries }),
  }),
  defineRoute({
    method: 'POST',
    path: '/incidents/{incidentId}/accept',
    summary: 'Closes an incident; of a breaking tool change: accepts the tool as it is now',
    useCase: acceptIncident,
    input: ref,
    output: z.object({ incident }),
    run: (ctx, given) => acceptIncident(ctx, given),
  }),
];
