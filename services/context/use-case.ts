import type { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { atLeast, type Role } from '../../domain/role/role.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import type { Actor, Context, Deps } from './context.ts';
import { toValidationError } from './errors.ts';
import { newId } from './ids.ts';
import { describeIssue } from './input-errors.ts';

/**
 * Who may call: the lowest role; `system` for Armature's own activities alone; `anyone` for what needs no organization
 * (signing up, signing in).
 */
export type Access = Role | 'system' | 'anyone';

type Audited = { subject: string | null; data?: { [key: string]: unknown } };

/** What a use case runs in: the dependencies, who acts, and `write`. */
export type UseCaseContext = Deps & {
  actor: Actor;
  /** The organization that every query is scoped by. Throws for a visitor. */
  orgId: string;
  requestId: string;
  ctx: Context;
  /**
   * A short transaction with its audit row in it, named by the use case. Make no external calls inside it. The
   * audited data may depend on what the transaction found.
   */
  write<T>(work: (tx: Tx) => Promise<T>, audited: Audited | ((result: T) => Audited | null)): Promise<T>;
};

export type UseCase<I extends z.ZodType, O> = ((ctx: Context, input: z.input<I>) => Promise<O>) & {
  useCase: { name: string; access: Access; input: I };
};

/**
 * The one shape of everything that can be done in Armature: checks the role, parses the input, runs.
 * @throws ArmatureError `permission_denied`, `validation_failed` (with `fieldErrors`), or what `run` throws.
 */
export function useCase<I extends z.ZodType, O>(definition: {
  /** `noun.verb`: the audit log's action. */
  name: string;
  access: Access;
  input: I;
  run(context: UseCaseContext, input: z.output<I>): Promise<O>;
}): UseCase<I, O> {
  const { name, access, input: schema, run } = definition;
  const call = async (ctx: Context, input: z.input<I>): Promise<O> => {
    authorize(ctx.actor, access, name);
    const read = schema.safeParse(input, { error: describeIssue });
    if (!read.success) throw toValidationError(read.error);
    ctx.deps.log.debug({ useCase: name, requestId: ctx.requestId }, 'use case');
    return run(toUseCaseContext(ctx, name), read.data);
  };
  return Object.assign(call, { useCase: { name, access, input: schema } });
}

function authorize(actor: Actor, access: Access, name: string) {
  if (access === 'anyone' || actor.kind === 'system') return;
  if (actor.kind === 'visitor')
    throw new ArmatureError('unauthenticated', 'You are not signed in.', 'Sign in, or send an API key.');
  if (access === 'system')
    throw new ArmatureError(
      'permission_denied',
      `${name} is done by Armature itself.`,
      'Nobody can call this from outside.',
    );
  if (!atLeast(actor.role, access))
    throw new ArmatureError(
      'permission_denied',
      `${name} needs the role ${access}; yours is ${actor.role}.`,
      `Ask an owner or admin of the workspace for the role ${access}.`,
      { neededRole: access },
    );
}

function toUseCaseContext(ctx: Context, name: string): UseCaseContext {
  const { deps, actor, requestId } = ctx;
  return {
    ...deps,
    actor,
    requestId,
    ctx,
    get orgId() {
      if (actor.kind === 'visitor')
        throw new ArmatureError('unauthenticated', 'This needs a workspace.', 'Sign in, or send an API key.');
      return actor.orgId;
    },
    write: (work, audited) =>
      deps.db.$transaction(async (tx) => {
        const result = await work(tx);
        const row = typeof audited === 'function' ? audited(result) : audited;
        if (row && actor.kind !== 'visitor')
          await tx.auditEvent.create({
            data: {
              id: newId(),
              orgId: actor.orgId,
              actorKind: actor.kind,
              actorId: actor.id,
              action: name,
              subject: row.subject,
              intent: ctx.intent ?? null,
              data: toJson(row.data ?? {}),
            },
          });
        return result;
      }),
  };
}

/** What Prisma takes as JSON: the value after a JSON round trip, without `undefined`. */
export function toJson(value: unknown): Prisma.InputJsonValue {
  // JSON.parse gives back exactly what InputJsonValue describes; its type can't say so.
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;
}
