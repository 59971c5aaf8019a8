import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { useCase } from '../context/use-case.ts';
import { newApiKey } from './secret.ts';

/** Creates an API key with its creator's current role. `key` is returned once and never stored. */
export const createApiKey = useCase({
  name: 'api_key.create',
  access: 'viewer',
  input: z.object({
    name: z.string().trim().min(1, 'Name is required. Name the key after what will use it.').max(100),
  }),
  async run({ actor, orgId, write }, { name }) {
    if (actor.kind !== 'member')
      throw new ArmatureError(
        'permission_denied',
        'Only a person can create an API key.',
        'Sign in to the dashboard and create it there.',
      );
    const { id, key, hash } = await newApiKey();
    await write(
      (tx) => tx.apiKey.create({ data: { id, orgId, name, role: actor.role, hash, createdById: actor.id } }),
      { subject: id, data: { name, role: actor.role } },
    );
    return { id, key, role: actor.role };
  },
});
