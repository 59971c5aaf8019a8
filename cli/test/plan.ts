import { randomUUID } from 'node:crypto';
import { describeCriterion } from '../../domain/assertion/criterion.ts';
import { type FullWorkflow, fillWorkflow, toDefinition } from '../../domain/code/workflow.ts';
import type { ProviderConfig } from '../../domain/model/provider.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import { readScript } from '../../domain/workflow/script.ts';
import { readModelsFile } from '../../infra/config/models-file.ts';
import { type Endpoint, listSecrets } from '../../infra/mcp-target/index.ts';
import { createModels, type Models } from '../../infra/models/index.ts';
import { createRedactor, type Redactor } from '../../infra/redaction/index.ts';
import { toEndpoint } from '../connect.ts';
import { type Problem, usageError } from '../exit.ts';
import type { Io } from '../io.ts';
import type { CodeFileRead } from './files.ts';

/** One workflow of a file, ready to run with each of its models. */
export type Planned = {
  path: string;
  line: number;
  id: string;
  name: string;
  tags: readonly string[];
  definition: WorkflowDefinition;
  repeat: number;
  endpoint: Endpoint;
  models: Models;
  /** Why it can't run with these options; null if it can. */
  skipped: string | null;
  /** Criteria that are left out, since a model would have to grade them. */
  leftOut: number;
};

export type Plan = {
  workflows: Planned[];
  /** Masks every secret of the files in reports. */
  redactor: Redactor;
};

/** A workflow here has no server of an installation. */
const localServerId = '00000000-0000-4000-8000-000000000000';

/**
 * What the files ask for.
 * @throws CommandError when a server has no URL, or `ARMATURE_MODELS` can't be used
 */
export function createPlan(
  io: Io,
  files: readonly CodeFileRead[],
  flags: { url?: string; noLlm: boolean; repeat?: number },
): Plan {
  const shared = readModelsFile(io.env.ARMATURE_MODELS ?? '', io.env);
  if (shared.problems.length > 0) throw usageError(shared.problems.join('\n'));
  const problems: Problem[] = [];
  const secrets: string[] = [];
  const workflows = files.flatMap((file): Planned[] => {
    const { path, locate, file: content } = file;
    const listed = content.workflows ?? [];
    if (listed.length === 0) return [];
    const endpoint = readEndpoint(io, file, flags.url);
    if (!endpoint) {
      const message = 'The server needs a url, or give one by --url.';
      problems.push({ path, ...locate(['server']), message });
      return [];
    }
    const providers = mergeProviders(content.models ?? [], shared.providers);
    secrets.push(...listSecrets(endpoint), ...providers.flatMap(listProviderSecrets));
    const models = createModels({ providers });
    return listed.map((workflow, index) => {
      const full = fillWorkflow(workflow, content.defaults);
      const { line } = locate(['workflows', index]);
      const { id, name, tags } = full;
      const { runnable, skipped, leftOut } = flags.noLlm
        ? withoutLlm(full)
        : { runnable: full, skipped: null, leftOut: 0 };
      const definition = toLocalDefinition(runnable);
      const repeat = flags.repeat ?? full.repeat;
      return { path, line, id, name, tags, definition, repeat, endpoint, models, skipped, leftOut };
    });
  });
  if (problems.length > 0) throw usageError('', problems);
  return { workflows, redactor: createRedactor(secrets) };
}

function readEndpoint(io: Io, { file }: CodeFileRead, url: string | undefined): Endpoint | null {
  const { server } = file;
  const address = url ?? server?.url;
  if (address === undefined) return null;
  const { auth, headers = {}, transport = 'streamable_http' } = server ?? {};
  return {
    ...toEndpoint(io, address, {}),
    transport,
    headers,
    ...(auth && {
      auth:
        'bearer' in auth
          ? { kind: 'bearer', token: auth.bearer }
          : { kind: 'api_key_header', header: auth.header, value: auth.value },
    }),
  };
}

/** The file's own providers come before those of ARMATURE_MODELS. */
const mergeProviders = (own: readonly ProviderConfig[], shared: readonly ProviderConfig[]): ProviderConfig[] => [
  ...own,
  ...shared.filter(({ name }) => !own.some((provider) => provider.name === name)),
];

const listProviderSecrets = ({ apiKey, headers = {}, query = {} }: ProviderConfig): string[] => [
  ...(apiKey === undefined ? [] : [apiKey]),
  ...Object.values(headers),
  ...Object.values(query),
];

function toLocalDefinition(full: FullWorkflow): WorkflowDefinition {
  const definition = toDefinition(full, { serverId: localServerId, authProfileId: null });
  return { ...definition, criteria: definition.criteria.map((line) => ({ ...line, id: randomUUID() })) };
}

type WithoutLlm = { runnable: FullWorkflow; skipped: string | null; leftOut: number };

/** What of a workflow needs no model: its explicit steps, and the criteria that code grades. */
function withoutLlm(full: FullWorkflow): WithoutLlm {
  const criteria = full.criteria.filter(({ text }) => describeCriterion(text).by === 'assertion');
  const skipped =
    readScript(full.prompt, new Set()).length === 0
      ? 'Its prompt has no explicit steps, so it needs a model.'
      : criteria.length === 0
        ? 'None of its criteria is an assertion, so they need a model.'
        : null;
  const runnable = { ...full, criteria, models: ['builtin/scripted'], judge: 'builtin/assertions' };
  return { runnable, skipped, leftOut: full.criteria.length - criteria.length };
}
