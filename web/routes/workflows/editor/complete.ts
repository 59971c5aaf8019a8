import { writeToolName } from '../../../../domain/catalog/write-tool-name.ts';
import type { Complete, Suggestion } from './completion.tsx';

export type Known = {
  tools: { name: string; description: string }[];
  /** Of the latest run. */
  paths: { tool: string; paths: { path: string; example: string }[] }[];
};

/** Completes a criterion: tools, and after `tool` result field, the paths of its result. */
export const completeCriterion =
  (known: Known): Complete =>
  (before) => {
    const at = openQuote(before);
    if (at !== null) {
      const [, tool] = /`([^`]+)`\s+result\s+field\s+$/.exec(before.slice(0, at)) ?? [];
      return tool
        ? { from: at, suggestions: findPaths(known, tool, before.slice(at + 1), (path) => `\`${path}\``) }
        : { from: at, suggestions: findTools(known, before.slice(at + 1)) };
    }
    const [, partial] = /(?:^|\s)(?:calls?|before)\s+([\w.-]*)$/i.exec(before) ?? [];
    return partial === undefined
      ? null
      : { from: before.length - partial.length, suggestions: findTools(known, partial) };
  };

/** Completes a prompt: tools of steps and in backticks, and values of earlier results (`$1.`). */
export const completePrompt =
  (known: Known): Complete =>
  (before) => {
    const line = before.slice(before.lastIndexOf('\n') + 1);
    const [, step] = /^\s*(?:[-*•]\s+|\d+[.)]\s+)?call\s+`?([^\s`{]*)$/i.exec(line) ?? [];
    if (step !== undefined) {
      const from = before.length - step.length - (line.endsWith(`\`${step}`) ? 1 : 0);
      return { from, suggestions: findTools(known, step, (name) => bare(name)) };
    }
    const [, number, path] = /\$(\d{1,3})\.([\w.[\]]*)$/.exec(line) ?? [];
    if (number !== undefined && path !== undefined) {
      const tool = listSteps(before)[Number(number) - 1];
      if (tool === undefined) return null;
      return { from: before.length - path.length, suggestions: findPaths(known, tool, path, (found) => found) };
    }
    const at = openQuote(line);
    return at === null
      ? null
      : { from: before.length - line.length + at, suggestions: findTools(known, line.slice(at + 1)) };
  };

/** Where a backtick is open; null if none is. */
function openQuote(text: string): number | null {
  const quotes = [...text.matchAll(/`/g)].map(({ index }) => index);
  return quotes.length % 2 === 1 ? (quotes.at(-1) ?? null) : null;
}

const bare = (name: string): string => (/[\s`]/.test(name) ? writeToolName(name) : name);

function findTools({ tools }: Known, partial: string, write = writeToolName): Suggestion[] {
  const part = partial.toLowerCase();
  return tools
    .filter(({ name }) => name.toLowerCase().includes(part) && name !== partial)
    .sort((a, b) => Number(b.name.toLowerCase().startsWith(part)) - Number(a.name.toLowerCase().startsWith(part)))
    .map(({ name, description }) => ({ insert: write(name), label: name, note: description }));
}

function findPaths({ paths }: Known, tool: string, partial: string, write: (path: string) => string): Suggestion[] {
  const found = paths.find((each) => each.tool === tool)?.paths ?? [];
  return found
    .filter(({ path }) => path.toLowerCase().includes(partial.toLowerCase()) && path !== partial)
    .map(({ path, example }) => ({ insert: write(path), label: path, note: `${example} in the last run` }));
}

/** Tools of the steps of a prompt, in order. */
const listSteps = (prompt: string): string[] =>
  [...prompt.matchAll(/^\s*(?:[-*•]\s+|\d+[.)]\s+)?call\s+(?:`([^`]+)`|([^\s`{]+))/gim)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
