import { sameJson } from '../json/json.ts';
import { limits, retryPolicy, type WorkflowDefinition } from '../workflow/definition.ts';
import { readDuration, writeDuration } from './duration.ts';
import type { CodeFile, CodeWorkflow } from './schema.ts';

export type Defaults = NonNullable<CodeFile['defaults']>;

/** A workflow of a file with every member filled in. `repeat` is for `armature test` alone. */
export type FullWorkflow = {
  id: string;
  name: string;
  description: string;
  tags: string[];
  prompt: string;
  criteria: { text: string; optional: boolean }[];
  models: string[];
  judge: string;
  /** Null: manual runs only. */
  schedule: string | null;
  timezone: string;
  tools: { allow: string[]; block: string[] };
  limits: { turns: number; toolCalls: number; duration: string; tokens: number; toolCallDuration: string };
  retry: { attempts: number; backoff: string };
  /** Null: the server's default profile. */
  authProfile: string | null;
  storeToolResults: boolean;
  metadata: { [name: string]: string };
  repeat: number;
};

/** What a workspace runs with where a workflow names no models. */
export type ModelDefaults = { models: string[]; judge: string };
export const builtInModels: ModelDefaults = { models: ['builtin/scripted'], judge: 'builtin/assertions' };

const standardLimits = toFullLimits(limits.parse({}));
const standardRetry = toFullRetry(retryPolicy.parse({}));

function toFullLimits({ turns, toolCalls, seconds, tokens, toolCallSeconds }: WorkflowDefinition['limits']) {
  return {
    turns,
    toolCalls,
    duration: writeDuration(seconds, 's'),
    tokens,
    toolCallDuration: writeDuration(toolCallSeconds, 's'),
  };
}

function toFullRetry({ attempts, backoffSeconds }: WorkflowDefinition['retryPolicy']) {
  return { attempts, backoff: writeDuration(backoffSeconds, 's') };
}

/** What a workflow has that sets nothing itself. */
const fillDefaults = (defaults: Defaults, models: ModelDefaults) => ({
  models: defaults.models ?? models.models,
  judge: defaults.judge ?? models.judge,
  timezone: defaults.timezone ?? 'UTC',
  authProfile: defaults.authProfile ?? null,
  limits: fillLimits(defaults.limits, standardLimits),
  retry: fillRetry(defaults.retry, standardRetry),
  storeToolResults: defaults.storeToolResults ?? true,
  repeat: defaults.repeat ?? 1,
});

const fillLimits = (given: Defaults['limits'], usual: FullWorkflow['limits']): FullWorkflow['limits'] => ({
  turns: given?.turns ?? usual.turns,
  toolCalls: given?.toolCalls ?? usual.toolCalls,
  duration: normalize(given?.duration ?? usual.duration),
  tokens: given?.tokens ?? usual.tokens,
  toolCallDuration: normalize(given?.toolCallDuration ?? usual.toolCallDuration),
});

const fillRetry = (given: Defaults['retry'], usual: FullWorkflow['retry']): FullWorkflow['retry'] => ({
  attempts: given?.attempts ?? usual.attempts,
  backoff: normalize(given?.backoff ?? usual.backoff),
});

/** Fills in what a workflow leaves out: from the file's defaults, then the workspace's, then the product's. */
export function fillWorkflow(workflow: CodeWorkflow, defaults: Defaults = {}, models = builtInModels): FullWorkflow {
  const usual = fillDefaults(defaults, models);
  return {
    id: workflow.id,
    name: workflow.name ?? workflow.id,
    description: workflow.description ?? '',
    tags: workflow.tags ?? [],
    prompt: workflow.prompt,
    criteria: workflow.criteria.map((line) =>
      typeof line === 'string'
        ? { text: line, optional: false }
        : { text: line.text, optional: line.optional ?? false },
    ),
    models: workflow.models ?? usual.models,
    judge: workflow.judge ?? usual.judge,
    schedule: workflow.schedule ?? null,
    timezone: workflow.timezone ?? usual.timezone,
    tools: { allow: workflow.tools?.allow ?? [], block: workflow.tools?.block ?? [] },
    limits: fillLimits(workflow.limits, usual.limits),
    retry: fillRetry(workflow.retry, usual.retry),
    authProfile: workflow.authProfile === undefined ? usual.authProfile : workflow.authProfile,
    storeToolResults: workflow.storeToolResults ?? usual.storeToolResults,
    metadata: workflow.metadata ?? {},
    repeat: workflow.repeat ?? usual.repeat,
  };
}

/** Leaves out what the file's defaults or the product fill in. Models are always named: workspaces differ in them. */
export function compactWorkflow(full: FullWorkflow, defaults: Defaults = {}): CodeWorkflow {
  const usual = fillDefaults(defaults, builtInModels);
  const { allow, block } = full.tools;
  return {
    id: full.id,
    ...(full.name !== full.id && { name: full.name }),
    ...(full.description !== '' && { description: full.description }),
    ...(full.tags.length > 0 && { tags: full.tags }),
    prompt: full.prompt,
    criteria: full.criteria.map(({ text, optional }) => (optional ? { text, optional } : text)),
    ...(!sameJson(full.models, defaults.models) && { models: full.models }),
    ...(full.judge !== defaults.judge && { judge: full.judge }),
    ...(full.schedule !== null && { schedule: full.schedule }),
    ...(full.timezone !== usual.timezone && { timezone: full.timezone }),
    ...(allow.length + block.length > 0 && {
      tools: { ...(allow.length > 0 && { allow }), ...(block.length > 0 && { block }) },
    }),
    ...compactLimits(full.limits, usual.limits),
    ...compactRetry(full.retry, usual.retry),
    ...(full.authProfile !== usual.authProfile && { authProfile: full.authProfile }),
    ...(full.storeToolResults !== usual.storeToolResults && { storeToolResults: full.storeToolResults }),
    ...(Object.keys(full.metadata).length > 0 && { metadata: full.metadata }),
    ...(full.repeat !== usual.repeat && { repeat: full.repeat }),
  };
}

function compactLimits(own: FullWorkflow['limits'], usual: FullWorkflow['limits']): Pick<CodeWorkflow, 'limits'> {
  const given = {
    ...(own.turns !== usual.turns && { turns: own.turns }),
    ...(own.toolCalls !== usual.toolCalls && { toolCalls: own.toolCalls }),
    ...(own.duration !== usual.duration && { duration: own.duration }),
    ...(own.tokens !== usual.tokens && { tokens: own.tokens }),
    ...(own.toolCallDuration !== usual.toolCallDuration && { toolCallDuration: own.toolCallDuration }),
  };
  return Object.keys(given).length > 0 ? { limits: given } : {};
}

function compactRetry(own: FullWorkflow['retry'], usual: FullWorkflow['retry']): Pick<CodeWorkflow, 'retry'> {
  const given = {
    ...(own.attempts !== usual.attempts && { attempts: own.attempts }),
    ...(own.backoff !== usual.backoff && { backoff: own.backoff }),
  };
  return Object.keys(given).length > 0 ? { retry: given } : {};
}

type References = { serverId: string; authProfileId: string | null };
type LineWithoutId = Omit<WorkflowDefinition['criteria'][number], 'id'>;

/** The API's definition. Its criteria have no ids: those of the previous version stay where lines are the same. */
export const toDefinition = (
  full: FullWorkflow,
  { serverId, authProfileId }: References,
): Omit<WorkflowDefinition, 'criteria'> & { criteria: LineWithoutId[] } => ({
  name: full.name,
  description: full.description,
  serverId,
  authProfileId,
  testerModels: full.models,
  judgeModel: full.judge,
  prompt: full.prompt,
  criteria: full.criteria.map(({ text, optional }) => ({ text, isRequired: !optional })),
  schedule: full.schedule,
  timezone: full.timezone,
  toolPolicy: { allowedTools: full.tools.allow, blockedTools: full.tools.block },
  limits: {
    turns: full.limits.turns,
    toolCalls: full.limits.toolCalls,
    seconds: inSeconds(full.limits.duration),
    tokens: full.limits.tokens,
    toolCallSeconds: inSeconds(full.limits.toolCallDuration),
  },
  retryPolicy: { attempts: full.retry.attempts, backoffSeconds: inSeconds(full.retry.backoff) },
  storeToolResults: full.storeToolResults,
  metadata: full.metadata,
});

/** @param of.authProfile its name; null for the server's default one */
export const fromDefinition = (
  definition: WorkflowDefinition,
  { id, tags, authProfile }: { id: string; tags: string[]; authProfile: string | null },
): FullWorkflow => ({
  id,
  name: definition.name,
  description: definition.description,
  tags,
  prompt: definition.prompt,
  criteria: definition.criteria.map(({ text, isRequired }) => ({ text, optional: !isRequired })),
  models: definition.testerModels,
  judge: definition.judgeModel,
  schedule: definition.schedule,
  timezone: definition.timezone,
  tools: { allow: definition.toolPolicy.allowedTools, block: definition.toolPolicy.blockedTools },
  limits: toFullLimits(definition.limits),
  retry: toFullRetry(definition.retryPolicy),
  authProfile,
  storeToolResults: definition.storeToolResults,
  metadata: definition.metadata,
  repeat: 1,
});

/** The schema has checked the durations of a file. */
function inSeconds(text: string): number {
  const seconds = readDuration(text, 's');
  if (seconds === null) throw new Error(`Invalid duration "${text}".`);
  return seconds;
}

/** Writes `300s` as `5m`, so that equal durations are equal texts. */
const normalize = (text: string): string => writeDuration(inSeconds(text), 's');
