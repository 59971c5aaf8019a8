const kinds: { [kind: string]: string } = {
  member: 'A former member',
  api_key: 'A deleted API key',
  slack: 'Somebody in Slack',
  system: 'Armature',
};

/** Who proposed or decided. */
export const actorName = ({ kind, name }: { kind: string; name: string | null }): string =>
  name ?? kinds[kind] ?? 'Somebody';
