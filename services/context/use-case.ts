import type { z } from 'zod';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import { describeIssue } from '../../domain/error/input-errors.ts';
import { atLeast, type Role } from '../../domain/role/role.ts';
import type { Tx } from '../../infra/db/index.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import type { Actor, Context, Deps } from './context.ts';
import { toValidationError } from './errors.ts';
import { newId } from './ids.ts';

/**
 * Who may call: the lowest role; `system` for Armature's own activities alone; `anyone` for what needs no organization
 * (signing up, signing in).
 */
export type Access = Role | 'system' | 'anyone';

export type Audited = { subject: string | null; data?: { [key: string]: unknown } };

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
   * @param options.timeout milliseconds. @default 5000
   */
  write<T>(
    work: (tx: Tx) => Promise<T>,
    audited: Audited | ((result: T) => Audited | null),
    options?: { timeout: number },
  ): Promise<T>;
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
  const work = async (ctx: Context, input: z.input<I>): Promise<O> => {
    try {
      const refusal = findRefusal(ctx.actor, access, name);
      if (refusal) throw refusal;
      const read = schema.safeParse(input, { error: describeIssue });
      if (!read.success) throw toValidationError(read.error);
      ctx.deps.log.debug({ useCase: name, requestId: ctx.requestId }, 'use case');
      return await run(toUseCaseContext(ctx, name), read.data);
    } catch (error) {
      if (isArmatureError(error) && error.code === 'permission_denied') await recordRefusal(ctx, name, error);
      throw error;
    }
  };
  const call = (ctx: Context, input: z.input<I>): Promise<O> => {
    const { actor } = ctx;
    const attributes = {
      'armature.actor.kind': actor.kind,
      'armature.org.id': actor.kind === 'visitor' ? undefined : actor.orgId,
    };
    return ctx.deps.telemetry.span(name, { attributes }, () => work(ctx, input));
  };
  return Object.assign(call, { useCase: { name, access, input: schema } });
}

/**
 * Refuses a caller whose role is too low, before an adapter reads the rest of the request. The use case checks it too.
 * @throws ArmatureError `permission_denied`, `unauthenticated`
 */
export async function requireAccess(ctx: Context, { name, access }: { name: string; access: Access }): Promise<void> {
  const refusal = findRefusal(ctx.actor, access, name);
  if (!refusal) return;
  if (refusal.code === 'permission_denied') await recordRefusal(ctx, name, refusal);
  throw refusal;
}

function findRefusal(actor: Actor, access: Access, name: string): ArmatureError | null {
  if (access === 'anyone' || actor.kind === 'system') return null;
  if (actor.kind === 'visitor')
    return new ArmatureError('unauthenticated', 'You are not signed in.', 'Sign in, or send an API key.');
  if (access === 'system')
    return new ArmatureError(
      'permission_denied',
      `${name} is done by Armature itself.`,
      'Nobody can call this from outside.',
    );
  if (atLeast(actor.role, access)) return null;
  return new ArmatureError(
    'permission_denied',
    `${name} needs the role ${access}; yours is ${actor.role}.`,
    `Ask an owner or admin of the workspace for the role ${access}.`,
    { neededRole: access },
  );
}

async function recordRefusal({ actor, deps, requestId, address }: Context, name: string, error: ArmatureError) {
  if (actor.kind === 'visitor' || actor.kind === 'system') return;
  await deps.security.recordRefusal(error, {
    kind: 'authorization',
    outcome: 'refused',
    subject: { kind: actor.kind === 'member' ? 'user' : actor.kind, id: actor.id },
    orgIds: [actor.orgId],
    address: address ?? null,
    requestId,
    detail: name,
  });
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
    write: (work, audited, options) =>
      deps.db.$transaction(async (tx) => {
        const result = await work(tx);
        const row = typeof audited === 'function' ? audited(result) : audited;
        if (row) await addAuditRow(tx, ctx, { action: name, ...row });
        return result;
      }, options),
  };
}

/** Adds a row to the audit log of the actor's organization. `write` adds the one of the use case itself. */
export async function addAuditRow(
  tx: Tx,
  { actor, intent }: Pick<Context, 'actor' | 'intent'>,
  { action, subject, data }: Audited & { action: string },
): Promise<void> {
  if (actor.kind === 'visitor') return;
  await tx.auditEvent.create({
    data: {
      id: newId(),
      orgId: actor.orgId,
      actorKind: actor.kind,
      actorId: actor.id,
      action,
      subject,
      intent: intent ?? null,
      data: toJson(data ?? {}),
    },
  });
}

/** What Prisma takes as JSON: the value after a JSON round trip, without `undefined`. */
export function toJson(value: unknown): Prisma.InputJsonValue {
  // JSON.parse gives back exactly what InputJsonValue describes; its type can't say so.
  return JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;
}
