import type { FullAlertRule } from '../../domain/code/alert-rule.ts';
import type { FieldError } from '../../domain/error/error.ts';
import type { Destination } from '../../domain/notification/rule.ts';
import type { Named, NamedServer, WorkspaceState } from './state.ts';

type Lookup = {
  /** Named in problems, such as `files[0].server`. */
  field: string;
  /** What the item has now: of several with one name, it stays. */
  current?: string | null | undefined;
  /** Receives what can't be resolved. */
  problems: FieldError[];
};

/** @returns the id; null with a problem when no single one is meant */
function choose(
  found: readonly Named[],
  { field, current, problems }: Lookup,
  what: string,
  missing: string,
): string | null {
  const kept = found.find(({ id }) => id === current);
  if (kept) return kept.id;
  const live = found.filter(({ isLive }) => isLive);
  const [only] = live;
  if (only && live.length === 1) return only.id;
  problems.push({
    field,
    message: only ? `There are ${live.length} ${what}. Give one of them another name.` : missing,
  });
  return null;
}

/** By name, else by URL; the URL decides between servers of one name. */
export function resolveServer(
  { servers }: Pick<WorkspaceState, 'servers'>,
  { name, url }: { name?: string | undefined; url?: string | undefined },
  lookup: Lookup,
): string | null {
  const byName = name === undefined ? [] : servers.filter((server) => server.name === name);
  const byUrl = url === undefined ? [] : servers.filter((server) => isSameUrl(server, url));
  const both = byName.filter((server) => byUrl.includes(server));
  const live = (found: readonly Named[]) => found.filter(({ isLive }) => isLive).length;
  const isByName = byName.some(({ id, isLive }) => isLive || id === lookup.current);
  const found = live(byName) > 1 && both.length > 0 ? both : isByName ? byName : byUrl;
  const called = (name ?? url ?? '').slice(0, 200);
  return choose(
    found,
    lookup,
    `servers called "${called}"`,
    `This workspace has no server "${called}". Connect it first: servers and credentials are never created from files.`,
  );
}

/** A server where one text may be its name or its URL. */
export const resolveServerText = (state: Pick<WorkspaceState, 'servers'>, text: string, lookup: Lookup) =>
  resolveServer(state, { name: text, url: text }, lookup);

/** What a row shows of a URL has no query, and `…` for the secret segments of its path. */
function isSameUrl({ url }: NamedServer, given: string): boolean {
  if (!URL.canParse(given)) return url === given;
  const { origin, pathname } = new URL(given);
  const [shown, asked] = [url.split('/'), `${origin}${pathname}`.split('/')];
  return shown.length === asked.length && shown.every((part, index) => part === '…' || part === asked[index]);
}

/** @param name null for the default one. @returns undefined with a problem */
export function resolveProfile(
  { profiles }: Pick<WorkspaceState, 'profiles'>,
  { serverId, name }: { serverId: string; name: string | null },
  lookup: Lookup,
): string | undefined {
  const own = profiles.filter((profile) => profile.serverId === serverId);
  const found =
    name === null
      ? own.filter(({ isDefault, isLive }) => isDefault && isLive)
      : own.filter((profile) => profile.name === name);
  const missing =
    name === null
      ? 'The server has no default auth profile.'
      : `The server has no auth profile "${name}". Create it on the server's page.`;
  return choose(found, lookup, `auth profiles called "${name}"`, missing) ?? undefined;
}

/** @returns null with a problem */
export function resolveDestination(
  { webhooks, slack }: Pick<WorkspaceState, 'webhooks' | 'slack'>,
  destination: FullAlertRule['destination'],
  lookup: Lookup,
): Destination | null {
  if ('email' in destination) return { kind: 'email', address: destination.email };
  if ('webhook' in destination) {
    const { webhook: name } = destination;
    const found = webhooks.filter((webhook) => webhook.name === name);
    const id = choose(
      found,
      lookup,
      `webhooks called "${name}"`,
      `This workspace has no webhook "${name}". An admin can create it.`,
    );
    return id === null ? null : { kind: 'webhook', webhookId: id };
  }
  const { slack: name, channel } = destination;
  const found = slack.filter((workspace) => workspace.name === name || workspace.teamId === name);
  const missing = `No Slack workspace "${name}" is connected. An admin can connect it.`;
  const id = choose(found, lookup, `Slack workspaces called "${name}"`, missing);
  return id === null ? null : { kind: 'slack', installationId: id, channel };
}
