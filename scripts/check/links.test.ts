import { describe, expect, it } from 'vitest';
import { linkProblems } from './links.ts';

const paths = ['README.md', 'docs/alerts.md', 'domain/run/run.ts'];
const problems = (files: Record<string, string>) => linkProblems(paths, new Map(Object.entries(files)));

describe('linkProblems', () => {
  it('accepts links to files, folders, headings and other sites', () => {
    const text =
      '[a](../README.md) [b](../domain/run) [c](#the-second--part) [d](https://example.com) [e](alerts.md#a-b)';
    expect(problems({ 'docs/alerts.md': `# A B\n\n## The second & part\n\n${text}` })).toEqual([]);
  });

  it('reports links to missing files and headings', () => {
    expect(
      problems({ 'README.md': '[a](docs/none.md)\n[b](docs/alerts.md#none)', 'docs/alerts.md': '# Alerts' }),
    ).toEqual([
      'README.md:1 links to docs/none.md, which does not exist.',
      'README.md:2 links to docs/alerts.md#none, but there is no such heading.',
    ]);
  });

  it('reports missing paths in documents and comments', () => {
    expect(problems({ 'README.md': 'See `domain/run` and `domain/walk`.' })).toEqual([
      'README.md:1 names domain/walk, which does not exist.',
    ]);
    expect(problems({ 'a.ts': 'const a = 1;\n// As domain/run/run.ts does, by the rules of docs/none.md.' })).toEqual([
      'a.ts:2 names docs/none.md, which does not exist.',
    ]);
  });

  it('ignores code, in documents and outside of comments', () => {
    expect(problems({ 'README.md': '```sh\nnode scripts/none.ts\n```' })).toEqual([]);
    expect(problems({ 'a.ts': "import './domain/none.ts';" })).toEqual([]);
  });
});
