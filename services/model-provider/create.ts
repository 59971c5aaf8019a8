import { z } from 'zod';
import { providerConfig } from '../../domain/model/provider.ts';
import { fieldError } from '../context/errors.ts';
import { newId } from '../context/ids.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { checkAddress } from '../server/address.ts';
import { withSecrets } from '../server/secrets.ts';
import { mergeProvider } from './merge.ts';
import { type ProviderView, providerFields, toProviderView } from './schema.ts';

/** Of one workspace. */
const maxProviders = 50;

export const createProviderInput = z.object({
  name: providerConfig.shape.name.describe('a–z, 0–9 and -. Its models are called <name>/<model id>. Never changes.'),
  baseUrl: providerFields.baseUrl,
  apiKey: providerFields.apiKey.default(null),
  headers: providerFields.headers.default({}),
  query: providerFields.query.default({}),
  parameters: providerFields.parameters.default({}),
  models: providerFields.models,
});

/**
 * Adds a model provider to the workspace, visible there alone. Its endpoint is called like a server under test: never
 * at an internal address that the operator doesn't allow.
 * @throws ArmatureError `validation_failed`, `target_blocked`, `conflict` (the name is taken)
 */
export const createModelProvider = useCase({
  name: 'model_provider.create',
  access: 'admin',
  input: createProviderInput,
  async run({ ctx, orgId, actor, config, secrets, write }, given): Promise<{ provider: ProviderView }> {
    const { name, baseUrl, apiKey, parameters } = given;
    checkAddress(config, baseUrl, 'baseUrl');
    if (ctx.deps.models.list().some(({ provider }) => provider === name))
      throw nameTaken('The operator has a provider');
    const { secret, models, headerNames, queryNames } = mergeProvider(given, null);
    const row = await withSecrets(ctx.deps, orgId, [() => secrets.put(orgId, secret)], ([secretRef = null]) =>
      write(
        async (tx) => {
          await tx.$queryRaw`SELECT 1 FROM "Organization" WHERE "id" = ${orgId}::uuid FOR NO KEY UPDATE`;
          const names = await tx.modelProvider.findMany({ where: { orgId }, select: { name: true } });
          if (names.some((other) => other.name === name)) throw nameTaken('The workspace has a provider');
          if (names.length >= maxProviders)
            throw fieldError(
              'conflict',
              'name',
              `A workspace has at most ${maxProviders} providers.`,
              'Delete one first.',
            );
          return tx.modelProvider.create({
            data: {
              id: newId(),
              orgId,
              name,
              baseUrl,
              headerNames,
              queryNames,
              hasKey: apiKey !== null,
              secretRef,
              parameters: toJson(parameters),
              models: toJson(models),
              createdBy: `${actor.kind}:${actor.id}`,
            },
          });
        },
        ({ id }) => ({ subject: id, data: { name, baseUrl, models: models.map((model) => model.id) } }),
      ),
    );
    return { provider: toProviderView(row) };
  },
});

const nameTaken = (who: string) => fieldError('conflict', 'name', `${who} of this name.`, 'Choose another name.');
