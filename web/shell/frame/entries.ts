import {
  Bell,
  GitPullRequestArrow,
  History,
  House,
  type LucideIcon,
  Megaphone,
  Plug,
  Radar,
  ScanSearch,
  Server,
  Siren,
  Workflow,
} from 'lucide-react';
import { atLeast, type Role } from '../../../domain/role/role.ts';

/** Open things that an entry counts, each up to 100. */
export type Counts = { incidents: number; proposals: number };

/** One line of the navigation: add one with the page that it leads to. */
export type Entry = {
  /** Below `/o/:org/`; empty for the home page. */
  to: string;
  text: string;
  icon: LucideIcon;
  /** Second key after `g`. */
  key: string;
  count?: keyof Counts;
};

export const groups: { title: string | null; entries: Entry[] }[] = [
  {
    title: null,
    entries: [
      { to: '', text: 'Home', icon: House, key: 'h' },
      { to: 'incidents', text: 'Incidents', icon: Siren, key: 'i', count: 'incidents' },
      { to: 'proposals', text: 'Proposals', icon: GitPullRequestArrow, key: 'p', count: 'proposals' },
    ],
  },
  {
    title: 'Test',
    entries: [
      { to: 'workflows', text: 'Workflows', icon: Workflow, key: 'w' },
      { to: 'runs', text: 'Runs', icon: History, key: 'r' },
      { to: 'monitors', text: 'Monitors', icon: Radar, key: 'm' },
    ],
  },
  {
    title: 'Inventory',
    entries: [
      { to: 'servers', text: 'Servers', icon: Server, key: 's' },
      { to: 'coverage', text: 'Coverage', icon: ScanSearch, key: 'c' },
      { to: 'product-mcps', text: 'Product MCPs', icon: Plug, key: 'o' },
    ],
  },
  {
    title: 'Notify',
    entries: [
      { to: 'alerts', text: 'Alerts', icon: Bell, key: 'a' },
      { to: 'status-page', text: 'Status page', icon: Megaphone, key: 'u' },
    ],
  },
];

/** The pages below `/o/:org/settings/`, each for its lowest role. Add one with its page. */
const settingsPages: { to: string; text: string; role: Role }[] = [
  { to: 'general', text: 'General', role: 'viewer' },
  { to: 'team', text: 'Team', role: 'viewer' },
  { to: 'keys', text: 'API keys', role: 'viewer' },
  { to: 'models', text: 'Models', role: 'viewer' },
  { to: 'slack', text: 'Slack', role: 'viewer' },
  { to: 'audit', text: 'Audit log', role: 'admin' },
  { to: 'security', text: 'Security events', role: 'admin' },
  { to: 'plan', text: 'Plan', role: 'viewer' },
];

export const settingsOf = (role: Role) => settingsPages.filter((page) => atLeast(role, page.role));
