import { usageError } from '../exit.ts';
import { type Io, readText } from '../io.ts';
import { type Client, createClient } from './client.ts';
import type { ServerFlags } from './options.ts';
import { readSignIn } from './sign-in.ts';

/** @throws CommandError without a URL, or without a key for it */
export async function connectServer(io: Io, flags: ServerFlags): Promise<Client> {
  const signIn = await readSignIn(io);
  const url = readUrl(flags.armature ?? io.env.ARMATURE_URL ?? signIn?.url);
  const given = flags.apiKey === undefined ? io.env.ARMATURE_API_KEY : await readText(io, flags.apiKey, '--api-key');
  // A key is sent to the server that it is of, and to no other.
  const key = given?.trim() || (signIn?.url === url ? signIn.key : undefined);
  if (key === undefined)
    throw usageError(`No API key for ${url}. Run \`armature login ${url}\`, or set ARMATURE_API_KEY.`);
  return createClient({ url, key, signal: io.signal, note: (text) => void io.stderr.write(`${text}\n`) });
}

/** The origin of a server, with the path where it isn't at the root. @throws CommandError */
export function readUrl(given: string | undefined): string {
  if (!given) throw usageError('No Armature server. Set ARMATURE_URL, or run `armature login <url>`.');
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol))
    throw usageError(`"${given}" is no address. Give one such as https://armature.example.com.`);
  const { origin, pathname } = new URL(given);
  return `${origin}${pathname}`.replace(/\/+$/, '');
}
