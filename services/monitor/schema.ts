import { z } from 'zod';
import { toolName } from '../../domain/catalog/tool-name.ts';
import { compactJson, hasInfiniteNumber } from '../../domain/json/json.ts';
import { monitorInterval } from '../../domain/monitor/monitor.ts';
import { hasNoOwnKey, ownKeyProblem } from '../../domain/secret/own-key.ts';
import { givenId } from '../../domain/values/id.ts';
import { assertionLine } from './tool-call/assertions.ts';

export const monitorName = z.string().trim().min(1, 'Enter a name.').max(200);

/** Characters of the arguments' JSON. */
const maxArgumentsLength = 64 * 1024;
const maxDepth = 32;

/** A call's arguments: a JSON object that Postgres can store unchanged. */
export const callArguments = z
  .custom<{ [name: string]: unknown }>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'Arguments must be a JSON object, such as {"query": "mug"}.',
  )
  .superRefine((value, issue) => {
    const problem = argumentsProblem(value);
    if (problem) issue.addIssue({ code: 'custom', message: problem });
  })
  // A copy of what JSON can express, so that nothing else is stored or validated.
  .transform((value): { [name: string]: unknown } => JSON.parse(JSON.stringify(value)));

function argumentsProblem(value: unknown): string | null {
  const json = compactJson(value);
  if (json === null || getDepth(value) > maxDepth) return `Arguments can be nested at most ${maxDepth} levels deep.`;
  if (!hasNoOwnKey(json)) return ownKeyProblem;
  if (hasInfiniteNumber(value)) return 'A number is too large. Write it as a text if the tool takes one.';
  if (json.length > maxArgumentsLength) return `At most ${maxArgumentsLength.toLocaleString('en')} characters of JSON.`;
  // JSON escapes of what Postgres can't store: NUL, and halves of surrogate pairs.
  return /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][\da-f]{2})/.test(json)
    ? 'Texts cannot contain NUL characters or halves of surrogate pairs.'
    : null;
}

function getDepth(root: unknown): number {
  let depthReached = 0;
  const pending: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    depthReached = Math.max(depthReached, depth + 1);
    if (depthReached > maxDepth) return depthReached;
    for (const item of Object.values(value)) pending.push({ value: item, depth: depth + 1 });
  }
  return depthReached;
}

export const timeoutSeconds = z.int().min(1).max(120).describe('Below the interval.');
export const degradedAboveMs = z.int().min(1).max(120_000).nullable();
export const assertions = z.array(assertionLine).max(20);

/** What one monitor calls and how its answer is judged. */
export const monitorInput = z.object({
  tool: toolName,
  /** @default the tool's name */
  name: monitorName.optional(),
  arguments: callArguments.default({}),
  timeoutSeconds: timeoutSeconds.default(30),
  /** A passing check that takes longer, in milliseconds, is degraded. */
  degradedAboveMs: degradedAboveMs.default(null),
  /** Lines of the assertion grammar; a passing check that doesn't meet one is degraded. */
  assertions: assertions.default([]),
  /** Whether a passing check whose result breaks the tool's output schema is degraded. */
  checkOutputSchema: z.boolean().default(true),
  storeResults: z.boolean().default(true),
});

export const createMonitorsInput = z.object({
  serverId: givenId,
  /** @default the server's default profile */
  authProfileId: givenId.optional(),
  intervalSeconds: monitorInterval,
  monitors: z.array(monitorInput).min(1, 'Choose a tool to monitor.').max(100),
});

/** Fields left out stay. A masked value in the arguments keeps the stored one. */
export const editMonitorInput = z.object({
  monitorId: givenId,
  name: monitorName.optional(),
  arguments: callArguments.optional(),
  authProfileId: givenId.optional(),
  intervalSeconds: monitorInterval.optional(),
  timeoutSeconds: timeoutSeconds.optional(),
  degradedAboveMs: degradedAboveMs.optional(),
  assertions: assertions.optional(),
  checkOutputSchema: z.boolean().optional(),
  storeResults: z.boolean().optional(),
});

export const monitorIds = z
  .array(givenId)
  .min(1, 'Choose a monitor.')
  .max(200)
  .transform((ids) => [...new Set(ids)]);

export const setMonitorStateInput = z.object({ monitorIds, state: z.enum(['active', 'paused']) });
export const archiveMonitorsInput = z.object({ monitorIds });
export const checkMonitorsNowInput = z.object({
  monitorIds,
  /** Identifies the request: the same key starts the same checks. Each click sends a new one. */
  key: z
    .string()
    .regex(/^[\w.:-]{1,100}$/, 'A key has 1 to 100 letters, digits, dots, colons, dashes and underscores.'),
});

export const testCallInput = z.object({
  serverId: givenId,
  authProfileId: givenId.optional(),
  tool: toolName,
  arguments: callArguments.default({}),
  timeoutSeconds: timeoutSeconds.default(30),
  degradedAboveMs: degradedAboveMs.default(null),
  assertions: assertions.default([]),
  checkOutputSchema: z.boolean().default(true),
});

export const suggestMonitorsInput = z.object({ serverId: givenId });

/** `failing`: fail and error. `unchecked`: no check yet. */
export const monitorFilters = ['pass', 'degraded', 'fail', 'error', 'failing', 'unchecked'] as const;

export const listMonitorsInput = z.object({
  serverId: givenId.optional(),
  /** Of the latest check of an active monitor. */
  outcome: z.enum(monitorFilters).optional(),
  /** Archived ones only when asked for. */
  state: z.enum(['active', 'paused', 'archived']).optional(),
  slug: z.string().max(100).optional(),
  /** Anywhere in name or tool. */
  search: z.string().trim().max(200).optional(),
  cursor: z.string().optional(),
  limit: z.int().min(1).max(200).default(100),
});

export const monitorRanges = ['24h', '7d', '30d'] as const;
export const getMonitorInput = z.object({ monitorId: givenId, range: z.enum(monitorRanges).default('24h') });

export const listChecksInput = z.object({
  monitorId: givenId,
  /** UTC. @default today */
  day: z.iso.date().optional(),
  outcome: z.enum(['pass', 'degraded', 'fail', 'error', 'failing']).optional(),
  cursor: z.string().optional(),
  limit: z.int().min(1).max(200).default(50),
});
