import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast, roles } from '../../domain/role/role.ts';
import { dayMs } from '../../domain/values/time.ts';
import { fieldError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { newApiKey } from './secret.ts';

/** Creates an API key with a role up to its creator's. `key` is returned once and never stored. */
export const createApiKey = useCase({
  name: 'api_key.create',
  access: 'viewer',
  input: z.object({
    name: z.string().trim().min(1, 'Name is required. Name the key after what will use it.').max(100),
    /** At most the creator's. @default the creator's */
    role: z.enum(roles).optional(),
    /** Without it, the key never expires. */
    expiresInDays: z.int().min(1).max(3650).optional(),
  }),
  async run({ actor, orgId, write, now }, { name, role: chosen, expiresInDays }) {
    if (actor.kind !== 'member')
      throw new ArmatureError(
        'permission_denied',
        'Only a person can create an API key.',
        'Sign in to the dashboard and create it there.',
      );
    const { id, key, hash } = await newApiKey();
    const role = chosen ?? actor.role;
    if (!atLeast(actor.role, role))
      throw fieldError(
        'permission_denied',
        'role',
        `The key can't have the role ${role}; yours is ${actor.role}.`,
        'Choose your own role or a lower one.',
      );
    const expiresAt = expiresInDays === undefined ? null : new Date(now().getTime() + expiresInDays * dayMs);
    await write((tx) => tx.apiKey.create({ data: { id, orgId, name, role, hash, createdById: actor.id, expiresAt } }), {
      subject: id,
      data: { name, role, expiresAt },
    });
    return { id, key, role, expiresAt: expiresAt?.toISOString() ?? null };
  },
});
