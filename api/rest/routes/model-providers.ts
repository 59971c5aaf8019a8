import { z } from 'zod';
import { createModelProvider, createProviderInput } from '../../../services/model-provider/create.ts';
import { deleteModelProvider } from '../../../services/model-provider/delete.ts';
import { editModelProvider, editProviderInput } from '../../../services/model-provider/edit.ts';
import { getModelProvider } from '../../../services/model-provider/get.ts';
import { listModelProviders } from '../../../services/model-provider/list.ts';
import { providerView } from '../../../services/model-provider/schema.ts';
import { defineRoute } from '../route.ts';
import { warnings } from '../schemas.ts';

const provider = providerView.meta({ id: 'ModelProvider' });
const usedBy = z.array(z.object({ workflowId: z.uuid(), name: z.string() })).describe('At most 100.');
const ref = z.object({ providerId: z.uuid() });

export const modelProviderRoutes = [
  defineRoute({
    method: 'GET',
    path: '/model-providers',
    summary: "Lists the workspace's own model providers, without keys and values",
    useCase: listModelProviders,
    input: z.object({}),
    output: z.object({ rows: z.array(provider) }),
    run: async (ctx, given) => ({ rows: (await listModelProviders(ctx, given)).providers }),
  }),
  defineRoute({
    method: 'POST',
    path: '/model-providers',
    summary: 'Adds a model provider, for this workspace alone',
    status: 201,
    useCase: createModelProvider,
    input: createProviderInput,
    output: provider,
    run: async (ctx, given) => (await createModelProvider(ctx, given)).provider,
  }),
  defineRoute({
    method: 'GET',
    path: '/model-providers/{providerId}',
    summary: 'Returns a model provider, with the workflows that use it',
    useCase: getModelProvider,
    input: ref,
    output: z.object({ provider, usedBy }),
    run: (ctx, given) => getModelProvider(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/model-providers/{providerId}',
    summary: 'Changes a model provider, or its key',
    useCase: editModelProvider,
    input: editProviderInput,
    output: provider,
    run: async (ctx, given) => (await editModelProvider(ctx, given)).provider,
  }),
  defineRoute({
    method: 'DELETE',
    path: '/model-providers/{providerId}',
    summary: 'Deletes a model provider with its key. Runs of workflows that use it end in an error',
    useCase: deleteModelProvider,
    input: ref,
    output: z.object({ name: z.string(), usedBy, warnings }),
    run: (ctx, given) => deleteModelProvider(ctx, given),
  }),
];
