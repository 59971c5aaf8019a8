const nouns: { [noun: string]: string } = {
  api_key: 'API key',
  mcp: 'MCP',
  slack: 'Slack',
  audit: 'audit log',
  organization: 'workspace',
  server: 'server',
};

/** What a use case does, for people: `api_key.revoke` → `Revoke API key`. */
export function toActionText(action: string): string {
  const [noun = '', verb = ''] = action.split('.');
  const words = `${verb.replaceAll('_', ' ')} ${nouns[noun] ?? noun.replaceAll('_', ' ')}`.trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export const eventKinds: { [kind: string]: string } = {
  sign_in: 'Sign-in',
  sign_out: 'Sign-out',
  sign_up: 'Sign-up',
  password: 'Password',
  email: 'E-mail address',
  session: 'Session',
  api_key: 'API key',
  authorization: 'Permission',
};

export const eventOutcomes: { [outcome: string]: string } = {
  ok: 'Succeeded',
  failed: 'Failed',
  locked: 'Too many attempts',
  refused: 'Refused',
};

export const actorKinds: { [kind: string]: string } = {
  member: 'Person',
  api_key: 'API key',
  slack: 'From Slack',
  system: 'Armature',
};
