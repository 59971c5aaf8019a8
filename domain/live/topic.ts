/**
 * What pages can follow. A check and a trace event are announced as their monitor and run, a tool as its server, a note
 * as its incident, an invitation as a member.
 */
export const liveTopics = [
  'run',
  'workflow',
  'monitor',
  'incident',
  'server',
  'proposal',
  'delivery',
  'alert_rule',
  'member',
  'budget',
  'model_provider',
  'product_mcp',
] as const;

export type LiveTopic = (typeof liveTopics)[number];

/** Ids of what changed, by topic. Null stands for many, or for something without an id of its own. */
export type LiveChanges = { [topic in LiveTopic]?: string[] | null };
