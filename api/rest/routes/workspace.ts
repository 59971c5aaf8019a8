import { z } from 'zod';
import { roles } from '../../../domain/role/role.ts';
import { modelSources } from '../../../infra/models/index.ts';
import { listApiKeys } from '../../../services/api-key/list.ts';
import { revokeApiKey } from '../../../services/api-key/revoke.ts';
import { listModels } from '../../../services/model/list.ts';
import { editOrganization, editOrganizationInput } from '../../../services/organization/edit.ts';
import { getOrganization } from '../../../services/organization/get.ts';
import { getOrganizationSettings, getSettingsOutput } from '../../../services/organization/get-settings.ts';
import { getOrgHealth, getOrgHealthInput, getOrgHealthOutput } from '../../../services/organization/health.ts';
import { search, searchOutput } from '../../../services/organization/search.ts';
import { organizationSettings } from '../../../services/organization/settings.ts';
import { exportSecurityEvents } from '../../../services/security-event/export.ts';
import { listSecurityEvents, securityEventFilters } from '../../../services/security-event/list.ts';
import { defineDownload, defineRoute, pageOf, paging } from '../route.ts';
import { time } from '../schemas.ts';

const model = z
  .object({
    id: z.string(),
    label: z.string(),
    provider: z.string(),
    builtin: z.boolean(),
    source: z
      .enum(modelSources)
      .describe('installation: its provider is the operator’s, for all workspaces; workspace: of this one alone.'),
    tester: z.boolean().describe('Whether it can be a tester model.'),
    judge: z.boolean(),
    keySet: z.boolean().describe('False if the key of its provider is missing.'),
    price: z
      .object({ input: z.number(), output: z.number(), cachedInput: z.number().optional() })
      .nullable()
      .describe('US dollars per million tokens.'),
  })
  .meta({ id: 'Model' });

const apiKey = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(['key', 'client']).describe('`client`: one that a person signed in by OAuth.'),
    role: z.enum(roles),
    createdById: z.string(),
    createdByName: z.string().nullable(),
    createdAt: time,
    lastUsedAt: time.nullable().describe('Accurate to the minute.'),
    expiresAt: time.nullable(),
    revocable: z.boolean().describe('Whether the caller may revoke it.'),
  })
  .meta({ id: 'ApiKey' });

const securityEvent = z
  .object({
    id: z.uuid(),
    at: time,
    kind: z.string(),
    outcome: z.string(),
    subject: z.string().describe('`user:<id>`, `api_key:<id>` or `slack:<id>`.'),
    name: z.string().nullable(),
    address: z.string().nullable(),
    userAgent: z.string().nullable(),
    requestId: z.string(),
    detail: z.string().nullable(),
  })
  .meta({ id: 'SecurityEvent' });

export const workspaceRoutes = [
  defineRoute({
    method: 'GET',
    path: '/org',
    summary: 'Returns the workspace, and the key that asks',
    useCase: getOrganization,
    input: z.object({}),
    output: z.object({
      organization: z.object({ id: z.uuid(), slug: z.string(), name: z.string() }),
      actor: z.object({
        apiKeyId: z.string().nullable(),
        apiKeyName: z.string().nullable(),
        userProfileId: z.string().nullable().describe('Of the member who created the key.'),
        role: z.enum(roles).nullable(),
        email: z.string().nullable().describe('Of the member who created the key.'),
      }),
    }),
    run: (ctx, given) => getOrganization(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/org/search',
    summary: 'Finds workflows, servers, monitors and alert rules by words of their names, and runs by their ids',
    useCase: search,
    input: z.object({ query: z.string().max(200).describe('Beginnings of words, or of the id of a run.') }),
    output: searchOutput,
    run: (ctx, given) => search(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/org/health',
    operation: 'getOrganizationHealth',
    summary: 'Returns what works and what does not: pass rates, failing monitors, open incidents, coverage',
    useCase: getOrgHealth,
    input: getOrgHealthInput,
    output: getOrgHealthOutput.meta({ id: 'Health' }),
    run: (ctx, given) => getOrgHealth(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/org',
    summary: 'Changes the settings of the workspace: name, default models, retention, who applies proposals of keys',
    useCase: editOrganization,
    input: editOrganizationInput,
    output: organizationSettings.meta({ id: 'OrganizationSettings' }),
    run: (ctx, given) => editOrganization(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/org/settings',
    summary: 'Returns the settings of the workspace',
    useCase: getOrganizationSettings,
    input: z.object({}),
    output: getSettingsOutput,
    run: (ctx, given) => getOrganizationSettings(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/models',
    summary: 'Lists the models that workflows can use',
    useCase: listModels,
    input: z.object({}),
    output: z.object({ rows: z.array(model) }),
    run: async (ctx, given) => ({ rows: (await listModels(ctx, given)).models }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api-keys',
    summary: 'Lists API keys, newest first',
    useCase: listApiKeys,
    input: z.object(paging),
    output: pageOf(apiKey),
    async run(ctx, given) {
      const { keys, nextCursor } = await listApiKeys(ctx, given);
      return { rows: keys, nextCursor };
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api-keys/{keyId}',
    summary: 'Revokes an API key at once',
    useCase: revokeApiKey,
    input: revokeApiKey.useCase.input,
    output: z.object({ id: z.string(), name: z.string() }),
    run: (ctx, given) => revokeApiKey(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/security-events',
    summary: 'Lists sign-ins, refused keys and other security events, newest first',
    useCase: listSecurityEvents,
    input: securityEventFilters.extend(paging),
    output: pageOf(securityEvent),
    async run(ctx, given) {
      const { events, nextCursor } = await listSecurityEvents(ctx, given);
      return { rows: events, nextCursor };
    },
  }),
  defineDownload({
    path: '/security-events/export',
    operation: 'exportSecurityEvents',
    summary: 'Returns the security events as CSV, newest first',
    useCase: exportSecurityEvents,
    input: securityEventFilters,
    output: z.string(),
    contentType: 'text/csv',
    run: (ctx, given) => exportSecurityEvents(ctx, given),
  }),
];
