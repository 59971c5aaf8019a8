import { useState } from 'react';
// biome-ignore lint/style/noRestrictedImports: everything else reads answers by this.
import { useLocation, useActionData as useRouterActionData } from 'react-router';

type ActionData<Action> = ReturnType<typeof useRouterActionData<Action>>;

/**
 * What the action of the page's last form answered, until the next navigation. The router forgets it whenever the
 * page's data is loaded again, as live pages do at any time: messages and questions would be gone before they are read.
 */
export function useActionData<Action>(): ActionData<Action> {
  const answer = useRouterActionData<Action>();
  const { key } = useLocation();
  const [kept, setKept] = useState({ key, answer });
  if (answer !== undefined && (answer !== kept.answer || key !== kept.key)) setKept({ key, answer });
  return answer ?? (kept.key === key ? kept.answer : undefined);
}
