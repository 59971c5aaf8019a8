import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import { validationError } from '../context/errors.ts';
import { toJson, useCase } from '../context/use-case.ts';
import { checkAddress } from '../server/address.ts';
import { destroySecrets, withSecrets } from '../server/secrets.ts';
import { providerNotFound } from './errors.ts';
import { mergeProvider } from './merge.ts';
import {
  noSecret,
  type ProviderSecret,
  type ProviderView,
  providerFields,
  providerSecret,
  toProviderView,
} from './schema.ts';

export const editProviderInput = z.object({
  providerId: givenId,
  baseUrl: providerFields.baseUrl.optional(),
  apiKey: providerFields.apiKey.optional().describe('Left out: the stored key stays. Null: no key.'),
  headers: providerFields.headers.optional(),
  query: providerFields.query.optional(),
  parameters: providerFields.parameters.optional(),
  models: providerFields.models.optional().describe('Replaces the list as a whole.'),
});

/**
 * Changes a model provider of the workspace; what is left out stays. A new key takes the place of the old one at the
 * next request. When the address moves to another origin, key and values have to be given again.
 * @throws ArmatureError `model_provider_not_found`, `validation_failed`, `target_blocked`, `conflict`
 */
export const editModelProvider = useCase({
  name: 'model_provider.edit',
  access: 'admin',
  input: editProviderInput,
  async run({ ctx, db, orgId, config, secrets, write }, given): Promise<{ provider: ProviderView }> {
    const before = await db.modelProvider.findFirst({ where: { orgId, id: given.providerId } });
    if (!before) throw providerNotFound();
    const view = toProviderView(before);
    const baseUrl = given.baseUrl ?? before.baseUrl;
    checkAddress(config, baseUrl, 'baseUrl');
    const readable = before.secretRef === null ? undefined : await secrets.getReadable(orgId, [before.secretRef]);
    const found = before.secretRef === null ? undefined : readable?.get(before.secretRef);
    const stored = found ? providerSecret.parse(found) : noSecret;
    const hasMoved = new URL(baseUrl).origin !== new URL(before.baseUrl).origin;
    if (hasMoved && given.apiKey === undefined && before.hasKey)
      throw validationError(
        [{ field: 'apiKey', message: 'The address moved to another origin: type the key again.' }],
        'Give the key of the new address.',
      );
    const { secret, models, headerNames, queryNames } = mergeProvider(
      {
        name: before.name,
        baseUrl,
        apiKey: given.apiKey === undefined ? stored.apiKey : given.apiKey,
        headers: given.headers ?? keep(view.headerNames),
        query: given.query ?? keep(view.queryNames),
        parameters: given.parameters ?? view.parameters,
        models:
          given.models ??
          view.models.map(({ headerNames, queryNames, ...model }) => ({
            ...model,
            headers: keep(headerNames),
            query: keep(queryNames),
          })),
      },
      hasMoved ? null : stored,
    );
    const isSameSecret = sameSecret(secret, stored) && before.secretRef !== null;
    const put = isSameSecret ? [] : [() => secrets.put(orgId, secret)];
    const row = await withSecrets(ctx.deps, orgId, put, ([secretRef = before.secretRef]) =>
      write(
        async (tx) => {
          const [after] = await tx.modelProvider.updateManyAndReturn({
            where: { orgId, id: before.id, revision: before.revision },
            data: {
              baseUrl,
              headerNames,
              queryNames,
              hasKey: secret.apiKey !== null,
              secretRef,
              parameters: toJson(given.parameters ?? view.parameters),
              models: toJson(models),
              revision: { increment: 1 },
            },
          });
          if (!after)
            throw new ArmatureError(
              'conflict',
              'Somebody changed this provider meanwhile.',
              'Read it, then try again.',
            );
          return after;
        },
        {
          subject: before.id,
          data: { name: before.name, baseUrl, models: models.map(({ id }) => id), newKey: given.apiKey !== undefined },
        },
      ),
    );
    if (!isSameSecret) await destroySecrets(ctx.deps, orgId, [before.secretRef]);
    return { provider: toProviderView(row) };
  },
});

const keep = (names: readonly string[]): { [name: string]: null } =>
  Object.fromEntries(names.map((name) => [name, null]));

const sameSecret = (a: ProviderSecret, b: ProviderSecret): boolean => JSON.stringify(a) === JSON.stringify(b);
