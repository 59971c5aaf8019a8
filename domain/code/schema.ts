import { z } from 'zod';
import { toolName } from '../catalog/tool-name.ts';
import { hasInfiniteNumber, toEntries } from '../json/json.ts';
import { providerConfig } from '../model/provider.ts';
import { monitorIntervals } from '../monitor/monitor.ts';
import { alertConditions } from '../notification/rule.ts';
import { isoTime } from '../values/iso-time.ts';
import { emailAddress, longText, nameText } from '../values/text.ts';
import { criterion, limits, retryPolicy, toolPolicy, workflowDefinition } from '../workflow/definition.ts';
import { durationText, readDuration, writeDuration } from './duration.ts';
import { slug } from './slug.ts';

/**
 * The schema of a file of workflows (docs/workflows-as-code.md). It transforms no value, so that what was read from a
 * file can be sent to a server, which reads it again. Its rules are those of the API's definitions.
 */
const definition = workflowDefinition.shape;
const limit = limits.shape;
const retry = retryPolicy.shape;
const conditions = alertConditions.shape;

/** The rule of a member of the definition that has a default, which a file has not. */
const followRule = (member: z.ZodType) => (value: string, issue: z.core.$RefinementCtx<string>) => {
  for (const { message } of member.safeParse(value).error?.issues ?? []) issue.addIssue({ code: 'custom', message });
};

const modelIds = definition.testerModels.describe('Models that work on the prompt, such as builtin/scripted.');

const tools = z
  .strictObject({
    allow: z.array(toolName).max(500).optional().describe('The only tools that the agent is offered.'),
    block: z.array(toolName).max(500).optional().describe('Tools that the agent must not call.'),
  })
  .superRefine(({ allow = [], block = [] }, issue) => {
    const { error } = toolPolicy.safeParse({ allowedTools: allow, blockedTools: block });
    for (const { message, path } of error?.issues ?? [])
      if (path[0] === 'blockedTools') issue.addIssue({ code: 'custom', message, path: ['block', ...path.slice(1)] });
  });

const runSettings = {
  models: modelIds.optional(),
  judge: definition.judgeModel.optional().describe('Model that grades criteria which are not assertions.'),
  timezone: z
    .string()
    .superRefine(followRule(definition.timezone))
    .optional()
    .describe('IANA time zone of the schedule, such as Europe/Berlin.'),
  authProfile: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .nullable()
    .optional()
    .describe("Name of one of the server's auth profiles; null: its default one."),
  limits: z
    .strictObject({
      turns: limit.turns.unwrap().optional(),
      toolCalls: limit.toolCalls.unwrap().optional(),
      duration: durationText('s', limit.seconds.unwrap()).optional().describe('Wall time of a run.'),
      tokens: limit.tokens.unwrap().optional(),
      toolCallDuration: durationText('s', limit.toolCallSeconds.unwrap()).optional().describe('Of one tool call.'),
    })
    .optional(),
  retry: z
    .strictObject({
      attempts: retry.attempts.unwrap().optional(),
      backoff: durationText('s', retry.backoffSeconds.unwrap()).optional().describe('Before the second attempt.'),
    })
    .optional(),
  storeToolResults: definition.storeToolResults.unwrap().optional(),
  repeat: z.int().min(1).max(100).optional().describe('How often `armature test` runs it.'),
};

export const tags = z.array(slug).max(20).describe('Words to find workflows by.');

const workflow = z.strictObject({
  id: slug.describe('Identifies the workflow, whatever its file or name.'),
  name: definition.name.optional().describe('The id, if left out.'),
  description: definition.description.unwrap().optional(),
  tags: tags.optional(),
  prompt: definition.prompt.describe('The task of the agent.'),
  criteria: z
    .array(
      z.union([criterion.shape.text, z.strictObject({ text: criterion.shape.text, optional: z.boolean().optional() })]),
    )
    .min(1, 'A workflow needs at least one success criterion.')
    .max(100),
  schedule: z
    .string()
    .trim()
    .superRefine(followRule(definition.schedule))
    .optional()
    .describe('Five-field cron expression; manual runs only, if left out.'),
  tools: tools.optional(),
  metadata: definition.metadata.unwrap().optional(),
  ...runSettings,
});
export type CodeWorkflow = z.infer<typeof workflow>;

/** Not a record, which would drop a member called `__proto__`. */
const callArguments = z
  .custom<{ [name: string]: unknown }>((value) => toEntries(value) !== null, 'Arguments are an object.')
  .refine((value) => !hasInfiniteNumber(value), 'A number is too large. Write it as a text if the tool takes one.')
  .meta({ type: 'object' });

/** Checks of arguments and assertions against the catalog follow on the server. */
const monitor = z
  .strictObject({
    id: slug.describe('Identifies the monitor, whatever its file or name.'),
    name: z.string().trim().min(1, 'Enter a name.').max(200).optional().describe('The id, if left out.'),
    tool: toolName,
    arguments: callArguments.optional(),
    every: z.enum(monitorIntervals.map((seconds) => writeDuration(seconds, 's'))),
    assertions: z.array(z.string().trim().min(1).max(2000)).max(20).optional(),
    slowerThan: durationText('ms', z.int().min(1).max(120_000)).optional().describe('A slower check is degraded.'),
    timeout: durationText('s', z.int().min(1).max(120)).optional().describe('Below the interval; 30s, if left out.'),
    authProfile: runSettings.authProfile,
    checkOutputSchema: z.boolean().optional(),
    storeResults: z.boolean().optional(),
  })
  .superRefine(({ every, timeout = '30s' }, issue) => {
    if ((readDuration(timeout, 's') ?? 0) >= (readDuration(every, 's') ?? 0))
      issue.addIssue({
        code: 'custom',
        path: ['timeout'],
        message: `The timeout must be below the interval (${every}).`,
      });
  });
export type CodeMonitor = z.infer<typeof monitor>;

const serverName = z.string().trim().min(1).max(2000);

const alertTarget = z.union(
  [
    z.enum(['all_workflows', 'all_monitors', 'all_servers', 'tool_changes', 'report', 'installation']),
    z.strictObject({ workflow: slug }),
    z.strictObject({ monitor: slug }),
    z.strictObject({ server: serverName }),
    z.strictObject({ tool_changes: serverName }),
  ],
  'A target is all_workflows, all_monitors, all_servers, tool_changes, report or installation; or one of workflow: <id>, monitor: <id>, server: <name or URL>, tool_changes: <name or URL of a server>.',
);

const alertDestination = z.union(
  [
    z.strictObject({ email: emailAddress }),
    z.strictObject({ webhook: nameText('name') }),
    z.strictObject({
      slack: z.string().trim().min(1).max(200).describe('Name or id of the Slack workspace.'),
      channel: z
        .string()
        .regex(/^(#[^\s#,]{1,80}|[CGDUW][A-Z0-9]{2,20})$/, 'Give #channel, or the id of a channel or user.'),
    }),
  ],
  'A destination is email: <address>, webhook: <name>, or slack: <workspace> with channel: <#channel or id>.',
);

const [, within] = conditions.threshold.unwrap().options;

const alertRule = z.strictObject({
  name: nameText('name').describe('Identifies the rule in its workspace.'),
  target: alertTarget,
  destination: alertDestination,
  conditions: z
    .strictObject({
      onDegraded: z.boolean().optional(),
      onPartial: z.boolean().optional(),
      onFlagged: z.boolean().optional(),
      includeManualRuns: z.boolean().optional(),
      failures: within.shape.failures.optional().describe('Consecutive ones, or those within `within`.'),
      within: durationText('m', within.shape.minutes).optional(),
      remindEvery: durationText('m', conditions.remindEveryMinutes.unwrap().unwrap()).optional(),
      tellRecovery: z.boolean().optional(),
      cooldown: durationText('m', conditions.cooldownMinutes.unwrap()).optional(),
    })
    .optional(),
});
export type CodeAlertRule = z.infer<typeof alertRule>;

const maintenance = z.strictObject({
  startsAt: isoTime,
  endsAt: isoTime,
  reason: longText('reason', 500).optional(),
});
export type CodeMaintenance = z.infer<typeof maintenance>;

const server = z
  .strictObject({
    name: serverName.optional().describe('Of the server in the workspace.'),
    url: z.string().trim().min(1).max(2000).optional(),
    transport: z.enum(['streamable_http', 'sse']).optional(),
    headers: z.record(z.string().min(1).max(200), z.string().max(8000)).optional().describe('For `armature test`.'),
    auth: z
      .union(
        [
          z.strictObject({ bearer: z.string().min(1) }),
          z.strictObject({ header: z.string().min(1), value: z.string().min(1) }),
        ],
        // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how files refer to the environment.
        'auth is bearer: ${env.NAME}, or header: <name> with value: ${env.NAME}.',
      )
      .optional()
      .describe('For `armature test`.'),
  })
  .refine(({ name, url }) => name !== undefined || url !== undefined, 'Give the name of the server, its url, or both.');

/** At most this many of each in one file. */
const maxItems = 5000;

/** What a server keeps. The rest of a file is for `armature test`. */
const sections = {
  version: z.literal(1, 'This must be 1: the version of the format.'),
  defaults: z.strictObject(runSettings).optional().describe('For every workflow of this file that sets nothing else.'),
  workflows: z.array(workflow).max(maxItems).optional(),
  monitors: z.array(monitor).max(maxItems).optional(),
  alertRules: z.array(alertRule).max(maxItems).optional(),
  maintenance: z.array(maintenance).max(maxItems).optional(),
};

type Sections = z.infer<z.ZodObject<typeof sections>>;

function refuseTwins({ workflows = [], monitors = [], alertRules = [] }: Sections, issue: z.core.$RefinementCtx) {
  const refuse = (list: string, keys: string[], field: string, message: (key: string) => string) => {
    const seen = new Set<string>();
    for (const [index, key] of keys.entries()) {
      if (seen.has(key)) issue.addIssue({ code: 'custom', path: [list, index, field], message: message(key) });
      seen.add(key);
    }
  };
  const byId = (id: string) => `Another one above has the id ${id}.`;
  refuse(
    'workflows',
    workflows.map(({ id }) => id),
    'id',
    byId,
  );
  refuse(
    'monitors',
    monitors.map(({ id }) => id),
    'id',
    byId,
  );
  const byName = (name: string) => `Another rule above has the name "${name}".`;
  refuse(
    'alertRules',
    alertRules.map(({ name }) => name.toLowerCase()),
    'name',
    byName,
  );
}

export const codeFile = z
  .strictObject({
    ...sections,
    server: server.optional().describe('What the workflows and monitors of this file test.'),
    models: z.array(providerConfig).max(50).optional().describe('Model providers for `armature test`.'),
  })
  .superRefine(refuseTwins);
export type CodeFile = z.infer<typeof codeFile>;

/** A file as a server reads it: without credentials. */
export const sentFile = z
  .strictObject({
    ...sections,
    server: z
      .strictObject({
        name: serverName.optional(),
        url: z.string().max(2000).optional(),
        transport: server.shape.transport,
      })
      .optional(),
  })
  .superRefine(refuseTwins);
export type SentFile = z.infer<typeof sentFile>;

/** What a server reads of a file. Values in the URL's query may be secrets. */
export const toSentFile = ({ models: _, server: given, ...rest }: CodeFile): SentFile => ({
  ...rest,
  ...(given && {
    server: {
      ...(given.name !== undefined && { name: given.name }),
      ...(given.url !== undefined && { url: withoutQuery(given.url) }),
    },
  }),
});

/** A URL without values that may be secrets. */
export function withoutQuery(text: string): string {
  if (!URL.canParse(text)) return text;
  const { origin, pathname } = new URL(text);
  return origin + pathname;
}

/** The JSON Schema of the file, for editors. */
export const codeJsonSchema = (): object => ({
  title: 'Armature workflows',
  ...z.toJSONSchema(codeFile, { io: 'input', unrepresentable: 'any' }),
});
