import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, type Io } from '../io.ts';

/** `keychain`: the key is there, under the URL. */
const stored = z.object({ url: z.string(), key: z.string().optional(), keychain: z.literal(true).optional() });

export type SignIn = { url: string; key: string };

const service = 'armature';

function filePath({ env }: Io): string {
  const folder = env.XDG_CONFIG_HOME ?? (env.APPDATA || join(env.HOME ?? homedir(), '.config'));
  return join(folder, 'armature', 'login.json');
}

/** Who `armature login` signed in; null for nobody. */
export async function readSignIn(io: Io): Promise<SignIn | null> {
  let text: string;
  try {
    text = await readFile(filePath(io), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  const { url, key, keychain } = stored.parse(JSON.parse(text));
  const found = keychain ? await readKeychain(io, url) : key;
  return found ? { url, key: found } : null;
}

/** Keeps a key in the system's keychain, or where there is none in a file that only its owner reads. */
export async function saveSignIn(io: Io, { url, key }: SignIn): Promise<{ where: string }> {
  const inKeychain = await writeKeychain(io, { url, key });
  const path = filePath(io);
  await mkdir(join(path, '..'), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, JSON.stringify(inKeychain ? { url, keychain: true } : { url, key }), { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
  return { where: inKeychain ? "the system's keychain" : path };
}

/** Runs a tool of the system with a secret on its standard input: arguments can be read by every process. */
function runTool(io: Io, [command, ...args]: readonly [string, ...string[]], input: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { ...io.env } });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part;
    });
    // The tool isn't there, or doesn't read its input.
    child.on('error', () => resolve(null));
    child.stdin.on('error', () => {});
    child.on('close', (code) => resolve(code === 0 ? output : null));
    child.stdin.end(input);
  });
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

async function writeKeychain(io: Io, { url, key }: SignIn): Promise<boolean> {
  const written =
    process.platform === 'darwin'
      ? await runTool(
          io,
          ['security', '-i'],
          `add-generic-password -U -s ${service} -a ${quote(url)} -w ${quote(key)}\n`,
        )
      : await runTool(io, ['secret-tool', 'store', '--label=Armature', 'service', service, 'url', url], key);
  return written !== null && (await readKeychain(io, url)) === key;
}

async function readKeychain(io: Io, url: string): Promise<string | null> {
  const found =
    process.platform === 'darwin'
      ? await runTool(io, ['security', 'find-generic-password', '-s', service, '-a', url, '-w'], '')
      : await runTool(io, ['secret-tool', 'lookup', 'service', service, 'url', url], '');
  return found?.trim() || null;
}
