/** Part of `npm run check`: links in the documentation, and paths in documentation and comments, exist. */
import { dirname, join } from 'node:path';
import { createAnchors } from '../../infra/docs/anchors.ts';
import { commentLines, listFiles, readFiles, report } from './files.ts';

/** Top-level folders, with which paths in texts begin. */
const folders =
  'domain|infra|agent|services|workflows|activities|worker|api|web|cli|prisma|scripts|examples|tests|bench|docs';
const quotedPath = new RegExp(`\`((?:${folders})/[\\w./-]+)\``, 'g');
const filePath = new RegExp(`(?<![\\w/.@-])((?:${folders})/[\\w./-]+\\.(?:tsx?|mjs|md|prisma|sql|json|ya?ml))\\b`, 'g');

/** Generated folders, which git ignores. */
const generated = /^(bench\/results|cli\/build|prisma\/generated)\//;

/**
 * @param paths all files of the repository
 * @param files path → text of the files to check. Outside of `.md`, only comments are checked
 */
export function linkProblems(paths: string[], files: Map<string, string>): string[] {
  const known = new Set(paths);
  for (const path of paths)
    for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) known.add(folder);
  const exists = (path: string) => known.has(path.replace(/\/$/, '')) || generated.test(path);
  const problems: string[] = [];

  for (const [path, text] of files) {
    const isDocument = path.endsWith('.md');
    const lines = isDocument
      ? text.split('\n').map((content, index) => ({ line: index + 1, text: content }))
      : commentLines(text);
    let isCode = false;
    for (const { line, text: content } of lines) {
      if (isDocument && content.trimStart().startsWith('```')) isCode = !isCode;
      if (isCode) continue;
      const outsideLinks = isDocument ? content.replace(/\]\([^)]*\)/g, ']') : content;
      for (const pattern of [quotedPath, filePath])
        for (const [, named = ''] of outsideLinks.matchAll(pattern))
          if (!exists(named)) problems.push(`${path}:${line} names ${named}, which does not exist.`);
      if (!isDocument) continue;
      for (const [, target = ''] of content.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const linked = file ? join(dirname(path), file) : path;
        if (!exists(linked)) problems.push(`${path}:${line} links to ${target}, which does not exist.`);
        else if (anchor && !findAnchors(files.get(linked) ?? '').has(anchor))
          problems.push(`${path}:${line} links to ${target}, but there is no such heading.`);
      }
    }
  }
  return [...new Set(problems)];
}

/** @returns the anchors that GitHub gives to the headings of a document. */
function findAnchors(text: string): Set<string> {
  const anchors = new Set<string>();
  const anchorOf = createAnchors();
  const outsideCode = text.replace(/^```[\s\S]*?^```/gm, '');
  for (const [, heading = ''] of outsideCode.matchAll(/^#+ +(.*)$/gm)) anchors.add(anchorOf(heading));
  return anchors;
}

if (import.meta.main)
  report(
    linkProblems(listFiles(), readFiles(/\.(md|tsx?|mjs|cjs|prisma|ya?ml)$/)),
    'Correct the path, or write in docs/ what the reader should find there.',
  );
