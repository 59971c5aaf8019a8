/**
 * What an incident can be about (AlertSubject in prisma/schema.prisma says how each is keyed). `all_servers`: most
 * servers of an organization at the same time (outage.ts).
 */
export const subjectKinds = [
  'monitor',
  'workflow',
  'server',
  'auth_profile',
  'all_servers',
  'tool_change',
  'report',
  'budget',
  'installation',
] as const;
export type SubjectKind = (typeof subjectKinds)[number];
