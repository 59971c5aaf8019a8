import type { SubjectKind } from '../../../../domain/incident/incident.ts';

/** When an incident closes by itself, and what follows when somebody closes it, by subject. */
export const endWords: { [kind in SubjectKind]: string } = {
  tool_change:
    'The tool as it is now becomes the normal one, and only another breaking change opens a new incident. Accept it once everything that calls the tool has followed. If the server changes the tool back, the incident closes by itself.',
  monitor:
    'It closes by itself at the next check that passes. If you close it, the next failing check opens a new one.',
  workflow: 'It closes by itself at the next run that passes. If you close it, the next failing run opens a new one.',
  server:
    'It closes by itself when the server answers again. If you close it, the next checks without an answer open a new one.',
  auth_profile:
    'It closes by itself when the server accepts the credentials again. If you close it, the next refused checks open a new one.',
  all_servers:
    'It closes by itself when most servers answer again. If you close it, servers that still fail ten minutes later notify on their own.',
  report:
    'It closes by itself when the findings are corrected or accepted. If you close it, the next sync opens a new one while they are there.',
  budget:
    'It closes by itself when the month (UTC) ends, or when the owner raises the budget. If you close it, a new one opens only when the budget is used up.',
  installation:
    'It closes by itself when the problem is over. If you close it, it opens again while the problem lasts.',
};
