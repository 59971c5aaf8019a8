import { describe, expect, it } from 'vitest';
import { folderProblems } from './folders.ts';

const files = (folder: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${folder}/file-${index}.ts`);

describe('folderProblems', () => {
  it('reports a folder with more than 15 source files', () => {
    expect(folderProblems([...files('services/run', 16), ...files('domain', 15)], {})).toEqual([
      'services/run has 16 source files, more than 15.',
    ]);
  });

  it('counts neither tests nor the files of subfolders', () => {
    const tests = ['domain/a.test.ts', 'domain/b.test.tsx', 'domain/data.json'];
    expect(folderProblems([...files('domain', 15), ...files('domain/run', 15), ...tests], {})).toEqual([]);
  });

  it('accepts an exception, but only while it is needed', () => {
    const allowed = { 'web/ui': 'one component each' };
    expect(folderProblems(files('web/ui', 20), allowed)).toEqual([]);
    expect(folderProblems(files('web/ui', 15), allowed)).toEqual([
      "web/ui is an exception in scripts/check/folders.ts, but doesn't need one.",
    ]);
  });
});
