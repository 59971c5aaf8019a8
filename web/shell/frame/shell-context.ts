import { createContext, useContext } from 'react';
import type { Role } from '../../../domain/role/role.ts';
import type { Standstill } from '../../../services/installation/standstill.ts';
import type { Counts } from './entries.ts';

/** What the frame of a workspace's pages shows. */
export type ShellData = {
  org: { slug: string; name: string };
  role: Role;
  organizations: { slug: string; name: string }[];
  mayCreateWorkspace: boolean;
  user: { id: string; name: string; email: string };
  counts: Counts;
  standstill: Standstill[];
  /** Of the stream of changes when the page was read. */
  position: string | null;
  /** Whether the rail shows icons alone. */
  collapsed: boolean;
};

export const ShellContext = createContext<ShellData | null>(null);

/** The workspace and person of a page in the frame. @throws Error outside of it */
export function useShell(): ShellData {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error('This component needs the frame of a workspace.');
  return shell;
}
