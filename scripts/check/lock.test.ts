import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lockProblems } from './lock.ts';

const lock = (packages: object): string => JSON.stringify({ packages });
const locked = { version: '1.0.0', integrity: 'sha512-AA==' };

describe('lockProblems', () => {
  it('accepts the lock file of the project', () => {
    expect(lockProblems(readFileSync('package-lock.json', 'utf8'))).toEqual([]);
  });

  it('reports a platform package that is missing from the lock file of the project', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    delete packages['node_modules/@biomejs/cli-darwin-arm64'];
    expect(lockProblems(lock(packages))).toEqual([
      '@biomejs/cli-darwin-arm64, an optional dependency of node_modules/@biomejs/biome, is missing.',
    ]);
  });

  it('looks for an optional dependency where Node does: next to its package, or above it', () => {
    const above = {
      'node_modules/tool': locked,
      'node_modules/tool/node_modules/inner': { ...locked, optionalDependencies: { '@inner/darwin': '1.0.0' } },
      'node_modules/@inner/darwin': locked,
    };
    expect(lockProblems(lock(above))).toEqual([]);
    const elsewhere = {
      'node_modules/tool': { ...locked, optionalDependencies: { '@tool/darwin': '1.0.0' } },
      'node_modules/other/node_modules/@tool/darwin': locked,
    };
    expect(lockProblems(lock(elsewhere))).toEqual([
      '@tool/darwin, an optional dependency of node_modules/tool, is missing.',
    ]);
  });

  it('requires version and integrity, except of bundled packages', () => {
    const packages = {
      '': { name: 'project' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': locked,
      'node_modules/b/node_modules/c': { version: '1.0.0', inBundle: true },
    };
    expect(lockProblems(lock(packages))).toEqual(['node_modules/a has no version or no integrity.']);
  });

  it('reports the address of a registry', () => {
    const packages = { 'node_modules/a': { ...locked, resolved: 'https://registry.example/a.tgz' } };
    expect(lockProblems(lock(packages))).toEqual(['node_modules/a names a registry: https://registry.example/a.tgz']);
  });
});
