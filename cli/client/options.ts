import type { Command } from 'commander';

export type ServerFlags = { armature?: string; apiKey?: string };

/** The options of every verb that talks to a server of Armature. */
export const addServerOptions = (command: Command): Command =>
  command
    .option('--armature <url>', 'the Armature server; by default ARMATURE_URL, else the one of `armature login`')
    .option('--api-key <key>', 'an API key; @file and - read it; by default ARMATURE_API_KEY, else that of the login');
