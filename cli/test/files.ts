import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ParsedFile, parseFile } from '../../domain/code/parse.ts';
import { type Problem, usageError } from '../exit.ts';
import { errorCode, type Io, readStdin, readTextFile } from '../io.ts';

export type CodeFileRead = Extract<ParsedFile, { ok: true }>;

/**
 * Reads files of workflows.
 * @param given paths; without any, `armature.yaml`, else every file in `armature/`
 * @throws CommandError with every problem of every file
 */
export async function readCodeFiles(
  io: Io,
  given: readonly string[],
  credentials: 'read' | 'ignore' = 'read',
): Promise<CodeFileRead[]> {
  const paths = given.length > 0 ? given : await requireFiles(io);
  const parsed = await Promise.all(
    paths.map(async (path) => {
      const text = path === '-' ? await readStdin(io) : await readTextFile(resolve(io.cwd, path), 'Workflows');
      return parseFile(text, { path, env: io.env, credentials });
    }),
  );
  const problems = parsed.flatMap((file): readonly Problem[] => (file.ok ? [] : file.problems));
  if (problems.length > 0)
    throw usageError(`${problems.length === 1 ? 'A problem' : `${problems.length} problems`} to fix:`, problems);
  return parsed.filter((file) => file.ok);
}

/** `armature.yaml` and every file in `armature/`. */
export async function findFiles({ cwd }: Io): Promise<string[]> {
  const first = (await listFolder(cwd)).filter((name) => name === 'armature.yaml');
  const found = (await listFolder(join(cwd, 'armature'))).filter((name) => /\.ya?ml$/.test(name)).sort();
  return [...first, ...found.map((name) => join('armature', name))];
}

async function requireFiles(io: Io): Promise<string[]> {
  const found = await findFiles(io);
  if (found[0] === 'armature.yaml') return ['armature.yaml'];
  if (found.length > 0) return found;
  throw usageError('There is no armature.yaml here, and no armature/*.yaml. `armature init <url>` writes one.');
}

async function listFolder(path: string): Promise<string[]> {
  try {
    return await readdir(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return [];
    throw usageError(`${path} can't be read (${errorCode(error)}).`);
  }
}
