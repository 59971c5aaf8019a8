import { isMap, isSeq, parseDocument } from 'yaml';
import type { CodeFile } from '../../domain/code/schema.ts';
import { toSlug } from '../../domain/code/slug.ts';
import { writeFile } from '../../domain/code/yaml.ts';
import { canBeTried, draftStep, draftTest, groupTools } from '../../domain/workflow/draft.ts';
import type { Tool } from '../../infra/mcp-target/index.ts';
import { schemaFileName } from '../schema-file.ts';

type Draft = { workflow: NonNullable<CodeFile['workflows']>[number] | null; topic: string; untried: Tool[] };

/**
 * The file for a server: a workflow per group of tools. Tools that may write, or whose arguments only their owner
 * knows, are named in comments.
 * @param options.models models of providers; without any, the workflows are scripts for the built-in tester
 */
export function draftFile(
  server: NonNullable<CodeFile['server']>,
  tools: readonly Tool[],
  { model }: { model: string | null },
): { text: string; workflows: number; untried: number } {
  const ids = new Set<string>();
  const drafts = groupTools(tools).map(({ topic, tools: group }): Draft => {
    const tried = model === null ? group.filter(canBeTried) : group;
    const untried = group.filter((tool) => !tried.includes(tool));
    if (tried.length === 0) return { workflow: null, topic, untried };
    const name = topic === 'all' ? 'Tools work' : `Tools work: ${topic}`;
    const id = toSlug(name, { isTaken: (slug) => ids.has(slug), fallback: 'tools-work' });
    ids.add(id);
    return { workflow: { id, name, ...draftTest(tried, { isScripted: model === null }) }, topic, untried };
  });
  const workflows = drafts.flatMap(({ workflow }) => (workflow ? [workflow] : []));
  const file: CodeFile = {
    version: 1,
    server,
    ...(model !== null && { defaults: { models: [model], judge: model } }),
    workflows,
  };
  const document = parseDocument(writeFile(file, { schemaUrl: schemaFileName, hasReferences: true }));
  const items = document.get('workflows');
  const untried = drafts.flatMap((draft) => draft.untried);
  if (isSeq(items)) {
    for (const [index, { workflow, untried: left }] of drafts.filter((draft) => draft.workflow).entries()) {
      const item = items.items[index];
      if (isMap(item) && workflow && left.length > 0) item.commentBefore = toComment(left);
    }
  }
  const rest = drafts.flatMap((draft) => (draft.workflow ? [] : draft.untried));
  if (rest.length > 0) document.comment = toComment(rest);
  return { text: document.toString({ lineWidth: 0 }), workflows: workflows.length, untried: untried.length };
}

const toComment = (tools: readonly Tool[]): string =>
  [
    ' Not called yet: they may change something, or only you know good arguments. As steps of a prompt:',
    ...tools.map((tool) => `   ${draftStep(tool).replace(/\p{Cc}|[\u2028\u2029]/gu, ' ')}`),
  ].join('\n');
