import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { editFile, removeItem, renameServer } from '../../domain/code/edit.ts';
import { type CodeFile, type SentFile, sentFile, withoutQuery } from '../../domain/code/schema.ts';
import { writeDocument, writeFile as writeYaml } from '../../domain/code/yaml.ts';
import type { Client } from '../client/client.ts';
import { listServers } from '../client/find.ts';
import { errorCode, type Io } from '../io.ts';
import { type CodeFileRead, findFiles, readCodeFiles } from '../test/files.ts';

const exported = z.object({ files: z.array(z.object({ path: z.string(), file: sentFile })) });

export type Pulled = {
  written: { path: string; isNew: boolean }[];
  unchanged: string[];
  /** In the files, but not on the server: a push creates them. */
  onlyInFiles: string[];
};

/** Writes what the workspace has into the files of a folder, or into new ones. */
export async function pull(io: Io, client: Client, { dir }: { dir: string | undefined }): Promise<Pulled> {
  const { files: now } = await client.call('exportCode', {}, exported);
  const paths = dir === undefined ? await findFiles(io) : await listYaml(io, dir);
  const present = paths.length > 0 ? await readCodeFiles(io, paths, 'ignore') : [];
  const folder = dir ?? 'armature';
  const result: Pulled = { written: [], unchanged: [], onlyInFiles: listMissing(present, now) };
  const servers = await listServers(client);
  const isRenamed = new Set(present.filter((read) => followRename(read, now, servers)));
  const shares = share(present, now);
  for (const [read, contents] of shares.edits) {
    const isEdited = contents.map((content) => editFile(read, content)).includes(true);
    const gone = shares.moved.filter(({ from }) => from === read);
    // From the last one on, so that the others stay where they are.
    for (const { section, index } of gone.toReversed()) removeItem(read, section, index);
    if (!isEdited && gone.length === 0 && !isRenamed.has(read)) {
      result.unchanged.push(read.path);
      continue;
    }
    await save(io, read.path, writeDocument(read.document, read.text));
    result.written.push({ path: read.path, isNew: false });
  }
  for (const { path, file } of shares.added) {
    const place = freePath(join(folder, path), new Set(present.map((read) => read.path)));
    await save(io, place, writeYaml(file, { schemaUrl: `${client.url}/schemas/workflows.json` }));
    result.written.push({ path: place, isNew: true });
  }
  return result;
}

/** Files of a folder and its folders. */
async function listYaml(io: Io, dir: string): Promise<string[]> {
  const root = resolve(io.cwd, dir);
  try {
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
      .map((entry) => relative(io.cwd, join(entry.parentPath, entry.name)))
      .sort();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

type Content = { path: string; file: SentFile };
const sections = ['workflows', 'monitors', 'alertRules', 'maintenance'] as const;
type Item = NonNullable<SentFile[(typeof sections)[number]]>[number];

/** Identifies an item of a section; of maintenance that is its time, within its file. */
function keyOf(section: (typeof sections)[number], item: Item): string | null {
  if ('id' in item) return `${section} ${item.id}`;
  return 'name' in item ? `${section} ${item.name.toLowerCase()}` : null;
}

type Server = { name: string; url: string };

/** Whether a file's server was renamed, which is where all are that the file tests. Writes the new name into it. */
function followRename(read: CodeFileRead, now: readonly Content[], servers: readonly Server[]): boolean {
  const { server } = read.file;
  if (server?.name === undefined || servers.some(({ name }) => name === server.name)) return false;
  const keys = new Set([...listPlaces(read.file)].map(({ key }) => key));
  const holders = now.filter(({ file }) => file.server && [...listPlaces(file)].some(({ key }) => keys.has(key)));
  const [name] = holders.map(({ file }) => file.server?.name);
  if (name === undefined || holders.length > 1) return false;
  renameServer(read, name);
  return true;
}

function* listPlaces(file: CodeFile | SentFile) {
  for (const section of sections)
    for (const [index, item] of (file[section] ?? []).entries()) {
      const key = keyOf(section, item);
      if (key !== null) yield { key, section, index };
    }
}

/**
 * Decides which file gets what: an item that is in a file stays there, unless it tests another server now; a new one
 * goes to the file of its server, or to the first that has its section; the rest becomes new files.
 */
function share(present: readonly CodeFileRead[], now: readonly Content[]) {
  const holder = new Map<string, { from: CodeFileRead; section: (typeof sections)[number]; index: number }>();
  for (const read of present)
    for (const { key, ...place } of listPlaces(read.file)) holder.set(key, { from: read, ...place });
  const moved: { from: CodeFileRead; section: (typeof sections)[number]; index: number }[] = [];
  const edits = new Map<CodeFileRead, SentFile[]>(present.map((read) => [read, []]));
  const added: Content[] = [];
  for (const { path, file } of now) {
    const home = findHome(present, file);
    const rest: SentFile = { version: 1, ...(file.server && { server: file.server }) };
    for (const section of sections)
      for (const item of file[section] ?? []) {
        const key = keyOf(section, item);
        const held = key === null ? undefined : holder.get(key);
        const isMoved =
          held?.from.file.server !== undefined && file.server && !isSameServer(held.from.file, file.server);
        if (held && isMoved) moved.push(held);
        const place = isMoved ? home : (held?.from ?? home);
        if (place) edits.get(place)?.push({ version: 1, [section]: [item] });
        else Object.assign(rest, { [section]: [...(rest[section] ?? []), item] });
      }
    if (sections.some((section) => rest[section] !== undefined)) added.push({ path, file: rest });
  }
  moved.sort((one, other) => one.index - other.index);
  return { edits, added, moved };
}

function findHome(present: readonly CodeFileRead[], { server }: SentFile): CodeFileRead | undefined {
  if (!server) return present.find(({ file }) => file.server === undefined);
  return present.find(({ file }) => isSameServer(file, server));
}

function isSameServer({ server: own }: CodeFile, server: NonNullable<SentFile['server']>): boolean {
  if (!own) return false;
  return own.name === undefined
    ? own.url !== undefined && withoutQuery(own.url) === server.url
    : own.name === server.name;
}

function listMissing(present: readonly CodeFileRead[], now: readonly Content[]): string[] {
  const list = (files: readonly { file: CodeFile | SentFile }[]) =>
    files.flatMap(({ file }) => [...listPlaces(file)].map(({ key }) => key));
  const there = new Set(list(now));
  return list(present)
    .filter((key) => !there.has(key))
    .map((key) => key.slice(key.indexOf(' ') + 1));
}

function freePath(path: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const place = number === 1 ? path : path.replace(/\.yaml$/, `-${number}.yaml`);
    if (!taken.has(place)) return place;
  }
}

/** Replaces a file as a whole: a process that ends midway leaves the old one. */
async function save({ cwd }: Io, path: string, text: string): Promise<void> {
  const target = resolve(cwd, path);
  await mkdir(dirname(target), { recursive: true });
  const temporary = `${target}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, target);
}
