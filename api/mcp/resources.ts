import type { ReadResourceResult, Resource, ResourceTemplateType } from '@modelcontextprotocol/server';
import { getCatalog } from '../../services/catalog/get.ts';
import type { Context } from '../../services/context/context.ts';
import { getCoverage } from '../../services/coverage/get.ts';
import { listModels } from '../../services/model/list.ts';
import { getProposal } from '../../services/proposal/get.ts';
import { newDefinition } from '../../services/proposal/propose.ts';
import { getRunArtifacts } from '../../services/run/reading/artifacts.ts';
import { inspectRun } from '../../services/run/reading/inspect.ts';
import { describeWorkflow } from '../../services/workflow/reading/describe.ts';
import { toListedInput, toSchema } from '../input/json-schema.ts';
import { bound } from './bound.ts';
import { markUntrusted } from './untrusted.ts';
import { parseUri } from './uri.ts';

/** The kind of object that `{id}` of a template identifies. Completion offers recent ones. */
export type ResourceNoun = 'workflow' | 'run' | 'server' | 'proposal';

type ResourceKind = {
  uri: string;
  name: string;
  title: string;
  description: string;
  noun: ResourceNoun | null;
  /** Paths of the content that are of targets, models or people with all that is in them. Null: none. */
  untrusted: readonly string[] | null;
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
    untrusted: null,
    read: (ctx) => listModels(ctx, {}),
  },
  {
    uri: 'armature://schemas/workflow',
    name: 'workflow-schema',
    title: 'Schema of a workflow definition',
    description: 'JSON Schema of the definition that propose_workflow_patch takes for a new workflow.',
    noun: null,
    untrusted: null,
    read: async () => workflowSchema,
  },
  {
    uri: 'armature://workflows/{id}',
    name: 'workflow',
    title: 'A workflow',
    description: 'Active definition of a workflow, its versions, schedule, next fire times, warnings and recent runs.',
    noun: 'workflow',
    untrusted: ['definition', 'criteria', 'warnings'],
    read: (ctx, workflowId) => describeWorkflow(ctx, { workflowId }),
  },
  {
    uri: 'armature://runs/{id}/trace',
    name: 'run-trace',
    title: 'Trace of a run',
    description:
      'Tool calls and trace events of a run, in order, long ones cut. inspect_run with nextCursor has those that follow.',
    noun: 'run',
    untrusted: ['events[]', 'calls[]'],
    async read(ctx, runId) {
      const { run, calls, events, nextCursor } = await inspectRun(ctx, { runId, cursor: 'call-0' });
      return { runId, status: run.status, events, calls, nextCursor };
    },
  },
  {
    uri: 'armature://runs/{id}/artifacts',
    name: 'run-artifacts',
    title: 'Artifacts of a run',
    description:
      'Final answer of a run, the transcript of its agent, inputs and outputs of the judge, long ones cut. get_run_artifacts has the rest.',
    noun: 'run',
    untrusted: ['finalAnswer', 'transcript[]', 'judge[]'],
    read: (ctx, runId) => getRunArtifacts(ctx, { runId }),
  },
  {
    uri: 'armature://mcp-servers/{id}/tool-catalog',
    name: 'tool-catalog',
    title: 'Tool catalog of a server',
    description:
      "Tools that a server advertises, with their schemas and what strict clients refuse in them, tools that can't be called and why, removed tools, and the history of changes.",
    noun: 'server',
    untrusted: ['tools[]', 'changes[]', 'report.unusable[]', 'report.warnings[]'],
    read: (ctx, serverId) => getCatalog(ctx, { serverId }),
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

const workflowSchema = toListedInput(toSchema(newDefinition));

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
  const marked = kind.untrusted
    ? markUntrusted({ ...content }, { schema: null, whole: kind.untrusted })
    : { ...content };
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(bound(marked)) }] };
}
