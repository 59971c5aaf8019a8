import { schedulePresets } from '../../../../domain/schedule/presets.ts';
import type { WorkflowDefinition } from '../../../../domain/workflow/definition.ts';
import type { Values } from '../../../shell/form.ts';

export const policyRules = ['open', 'allowed', 'blocked'] as const;
export type PolicyRule = (typeof policyRules)[number];

/** The values of the workflow editor's form: everything as text, valid or not. */
export type EditorValues = {
  name: string;
  description: string;
  serverId: string;
  authProfileId: string;
  testerModels: string[];
  judgeModel: string;
  prompt: string;
  /** An empty id marks a new criterion. */
  criteria: { id: string; text: string; isRequired: boolean }[];
  /** A preset's cron, `` for manual, or `custom`. */
  preset: string;
  cron: string;
  timezone: string;
  policy: { tool: string; rule: PolicyRule }[];
  limits: { [name in keyof WorkflowDefinition['limits']]: string };
  retryPolicy: { [name in keyof WorkflowDefinition['retryPolicy']]: string };
  storeToolResults: boolean;
  /** One `name: value` per line. */
  metadata: string;
};

export function toEditor(definition: WorkflowDefinition): EditorValues {
  const { schedule, toolPolicy, limits, retryPolicy, metadata } = definition;
  const isPreset = schedulePresets.some(({ cron }) => cron === schedule);
  return {
    name: definition.name,
    description: definition.description,
    serverId: definition.serverId,
    authProfileId: definition.authProfileId ?? '',
    testerModels: definition.testerModels,
    judgeModel: definition.judgeModel,
    prompt: definition.prompt,
    criteria: definition.criteria,
    preset: isPreset ? (schedule ?? '') : 'custom',
    cron: schedule ?? '',
    timezone: definition.timezone,
    policy: [
      ...toolPolicy.allowedTools.map((tool) => ({ tool, rule: 'allowed' as const })),
      ...toolPolicy.blockedTools.map((tool) => ({ tool, rule: 'blocked' as const })),
    ],
    limits: {
      turns: String(limits.turns),
      toolCalls: String(limits.toolCalls),
      seconds: String(limits.seconds),
      tokens: String(limits.tokens),
      toolCallSeconds: String(limits.toolCallSeconds),
    },
    retryPolicy: { attempts: String(retryPolicy.attempts), backoffSeconds: String(retryPolicy.backoffSeconds) },
    storeToolResults: definition.storeToolResults,
    metadata: Object.entries(metadata)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  };
}

/** Reads the submitted form, where `criterion.*` and `policy.*` are parallel lists. */
export function parseEditor(values: Values): EditorValues {
  const one = (name: string) => values[name]?.[0] ?? '';
  const all = (name: string) => values[name] ?? [];
  const required = all('criterion.required');
  const rules = all('policy.rule');
  return {
    name: one('name'),
    description: one('description'),
    serverId: one('serverId'),
    authProfileId: one('authProfileId'),
    testerModels: all('testerModels'),
    judgeModel: one('judgeModel'),
    prompt: one('prompt').replaceAll('\r\n', '\n'),
    criteria: all('criterion.text').map((text, index) => ({
      id: all('criterion.id')[index] ?? '',
      text,
      isRequired: required[index] !== 'optional',
    })),
    preset: one('preset'),
    cron: one('cron'),
    timezone: one('timezone'),
    policy: all('policy.tool').map((tool, index) => ({
      tool: tool.trim(),
      rule: policyRules.find((rule) => rule === rules[index]) ?? 'open',
    })),
    limits: {
      turns: one('limits.turns'),
      toolCalls: one('limits.toolCalls'),
      seconds: one('limits.seconds'),
      tokens: one('limits.tokens'),
      toolCallSeconds: one('limits.toolCallSeconds'),
    },
    retryPolicy: { attempts: one('retryPolicy.attempts'), backoffSeconds: one('retryPolicy.backoffSeconds') },
    storeToolResults: one('storeToolResults') !== '',
    metadata: one('metadata').replaceAll('\r\n', '\n'),
  };
}

/** The chosen schedule; null for manual. */
export const toCron = ({ preset, cron }: Pick<EditorValues, 'preset' | 'cron'>): string | null =>
  preset === 'custom' ? cron.trim() : preset === '' ? null : preset;

/** Converts the form to the use case's input, which validates it. Empty lines are left out. */
export function toDefinition(editor: EditorValues) {
  const named = (rule: PolicyRule) =>
    editor.policy.filter((entry) => entry.rule === rule && entry.tool !== '').map(({ tool }) => tool);
  return {
    name: editor.name,
    description: editor.description,
    serverId: editor.serverId,
    authProfileId: editor.authProfileId || null,
    testerModels: editor.testerModels,
    judgeModel: editor.judgeModel,
    prompt: editor.prompt,
    criteria: writtenCriteria(editor).map(({ id, text, isRequired }) => ({ ...(id ? { id } : {}), text, isRequired })),
    schedule: toCron(editor),
    timezone: editor.timezone.trim(),
    toolPolicy: { allowedTools: named('allowed'), blockedTools: named('blocked') },
    limits: {
      turns: Number(editor.limits.turns),
      toolCalls: Number(editor.limits.toolCalls),
      seconds: Number(editor.limits.seconds),
      tokens: Number(editor.limits.tokens),
      toolCallSeconds: Number(editor.limits.toolCallSeconds),
    },
    retryPolicy: {
      attempts: Number(editor.retryPolicy.attempts),
      backoffSeconds: Number(editor.retryPolicy.backoffSeconds),
    },
    storeToolResults: editor.storeToolResults,
    metadata: metadataOf(editor.metadata),
  };
}

export const writtenCriteria = ({ criteria }: EditorValues) => criteria.filter(({ text }) => text.trim() !== '');

function metadataOf(text: string): { [name: string]: string } {
  const entries = text.split('\n').flatMap((line): [string, string][] => {
    const [name = '', ...rest] = line.split(':');
    return name.trim() ? [[name.trim(), rest.join(':').trim()]] : [];
  });
  return Object.fromEntries(entries);
}
