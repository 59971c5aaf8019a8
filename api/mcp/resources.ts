import type { ReadResourceResult, Resource, ResourceTemplateType } from '@modelcontextprotocol/server';
import { workflowDefinition } from '../../domain/workflow/definition.ts';
import type { Context } from '../../services/context/context.ts';
import { getCoverage } from '../../services/coverage/get.ts';
import { listModels } from '../../services/model/list.ts';
import { getProposal } from '../../services/proposal/get.ts';
import { getRunArtifacts } from '../../services/run/reading/artifacts.ts';
import { searchRuns } from '../../services/run/reading/search.ts';
import { listSkippedRuns } from '../../services/run/reading/skipped.ts';
import { getTrace } from '../../services/run/reading/trace.ts';
import { getServer } from '../../services/server/get.ts';
import { getWorkflow } from '../../services/workflow/reading/get.ts';
import { toObjectSchema } from './json-schema.ts';
import { untrustedNote } from './tool.ts';
import { parseUri } from './uri.ts';

/** The kind of object that `{id}` of a template identifies. Completion offers recent ones. */
export type ResourceNoun = 'workflow' | 'run' | 'server' | 'proposal';

type ResourceKind = {
  uri: string;
  name: string;
  title: string;
  description: string;
  noun: ResourceNoun | null;
  /** Paths of the content that contain text of targets, models or people. */
  untrusted: readonly string[];
  read(ctx: Context, id: string): Promise<object>;
};

const kinds: readonly ResourceKind[] = [
  {
    uri: 'armature://catalog/models',
    name: 'models',
    title: 'Models',
    description:
      'Models that a workflow can use as tester or judge: id, label, provider, whether a key is set, price in US dollars per million tokens.',
    noun: null,
    untrusted: [],
    read: (ctx) => listModels(ctx, {}),
  },
  {
    uri: 'armature://schemas/workflow',
    name: 'workflow-schema',
    title: 'Schema of a workflow definition',
    description: 'JSON Schema of the definition that propose_workflow_patch takes for a new workflow.',
    noun: null,
    untrusted: [],
    read: async () => workflowSchema,
  },
  {
    uri: 'armature://workflows/{id}',
    name: 'workflow',
    title: 'A workflow',
    description: 'Active definition of a workflow, its versions, schedule, next fire times, warnings and recent runs.',
    noun: 'workflow',
    untrusted: ['warnings[].message'],
    async read(ctx, workflowId) {
      const [details, { runs }, { skipped }] = await Promise.all([
        getWorkflow(ctx, { workflowId }),
        searchRuns(ctx, { workflowId, limit: 20 }),
        listSkippedRuns(ctx, { workflowId }),
      ]);
      const { workflow, definition, version, versions, nextFireTimes, scheduleLabel, criteria, warnings } = details;
      return {
        workflow,
        definition,
        version,
        versions,
        scheduleLabel,
        nextFireTimes,
        criteria,
        warnings,
        recentRuns: runs.map(({ id, status, flagged, model, trigger, versionNumber, createdAt, finishedAt }) => ({
          id,
          status,
          flagged,
          model,
          trigger,
          versionNumber,
          createdAt,
          finishedAt,
        })),
        skipped,
      };
    },
  },
  {
    uri: 'armature://runs/{id}/trace',
    name: 'run-trace',
    title: 'Trace of a run',
    description: 'Every trace event and tool call of a run, in order. Evidence ids are event-<seq> and call-<index>.',
    noun: 'run',
    untrusted: ['events[]', 'calls[]'],
    read: (ctx, runId) => readWholeTrace(ctx, runId),
  },
  {
    uri: 'armature://runs/{id}/artifacts',
    name: 'run-artifacts',
    title: 'Artifacts of a run',
    description: 'Final answer of a run, the transcript of its agent, and the exact inputs and outputs of the judge.',
    noun: 'run',
    untrusted: ['finalAnswer', 'transcript[]', 'judge[]'],
    read: (ctx, runId) => getRunArtifacts(ctx, { runId }),
  },
  {
    uri: 'armature://mcp-servers/{id}/tool-catalog',
    name: 'tool-catalog',
    title: 'Tool catalog of a server',
    description: 'Tools that a server advertises, with their schemas, removed tools, and the history of changes.',
    noun: 'server',
    untrusted: ['tools[]', 'changes[]'],
    async read(ctx, serverId) {
      const { server, tools, changes } = await getServer(ctx, { serverId });
      const { id, name, status, syncedAt, nextSyncAt, archivedAt } = server;
      return { server: { id, name, status, syncedAt, nextSyncAt, archivedAt }, tools, changes };
    },
  },
  {
    uri: 'armature://mcp-servers/{id}/coverage-report',
    name: 'coverage-report',
    title: 'Coverage of a server',
    description: 'Which tools of a server its workflows call, how, and which tools no workflow calls.',
    noun: 'server',
    untrusted: ['tools[].tool', 'tools[].title', 'tools[].description', 'gaps[]'],
    read: (ctx, serverId) => getCoverage(ctx, { serverId }),
  },
  {
    uri: 'armature://workflow-change-proposals/{id}',
    name: 'workflow-change-proposal',
    title: 'A proposal',
    description: 'A proposed change with its diff, warnings, rationale, evidence and state.',
    noun: 'proposal',
    untrusted: ['rationale', 'intent', 'decisionReason', 'warnings[].message', 'changes', 'definition', 'diff'],
    read: (ctx, proposalId) => getProposal(ctx, { proposalId }),
  },
];

const workflowSchema = toObjectSchema(workflowDefinition, 'input');

async function readWholeTrace(ctx: Context, runId: string): Promise<object> {
  const events: Awaited<ReturnType<typeof getTrace>>['events'] = [];
  const calls = new Map<number, Awaited<ReturnType<typeof getTrace>>['calls'][number]>();
  for (let afterSeq = -1; ; ) {
    const page = await getTrace(ctx, { runId, afterSeq });
    events.push(...page.events);
    for (const call of page.calls) calls.set(call.index, call);
    if (page.events.length === 0 || page.nextSeq === afterSeq)
      return { runId, status: page.status, events, calls: [...calls.values()].sort((a, b) => a.index - b.index) };
    afterSeq = page.nextSeq;
  }
}

const toListed = ({ name, title, description }: ResourceKind) => ({
  name,
  title,
  description,
  mimeType: 'application/json',
});

export const resources: Resource[] = kinds
  .filter(({ noun }) => noun === null)
  .map((kind) => ({ uri: kind.uri, ...toListed(kind) }));
export const resourceTemplates: ResourceTemplateType[] = kinds
  .filter(({ noun }) => noun !== null)
  .map((kind) => ({ uriTemplate: kind.uri, ...toListed(kind) }));

export const findResourceNoun = (uriTemplate: string): ResourceNoun | null =>
  kinds.find(({ uri }) => uri === uriTemplate)?.noun ?? null;

/** @throws ArmatureError `validation_failed`, `resource_not_found`, or the not-found error of the object. */
export async function readResource(ctx: Context, uri: string): Promise<ReadResourceResult> {
  const { template, id } = parseUri(
    uri,
    kinds.map((kind) => kind.uri),
  );
  const kind = kinds.find(({ uri: candidate }) => candidate === template);
  if (!kind) throw new Error(`no resource ${template}`);
  const content = await kind.read(ctx, id);
  const marked =
    kind.untrusted.length > 0 ? { ...content, _untrusted: { note: untrustedNote, fields: kind.untrusted } } : content;
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(marked) }] };
}
