import { redirect } from 'react-router';
import { settingsOf } from '../../shell/frame/entries.ts';
import { memberLoader } from '../../shell/route.server.ts';

export const loader = memberLoader(async ({ org, path }) => {
  const [first] = settingsOf(org.role);
  throw redirect(path(`settings/${first?.to}`));
});
