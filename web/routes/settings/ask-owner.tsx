import type { ReactNode } from 'react';
import { Notice } from '../../ui/base/notice.tsx';

/** What only the owner may do, and who that is. */
export function AskOwner({ owner, children }: { owner: { name: string; email: string } | null; children: ReactNode }) {
  return (
    <Notice>
      {children}
      {owner ? (
        <>
          {' '}
          Ask {owner.name} (
          <a href={`mailto:${owner.email}`} className="underline [overflow-wrap:anywhere]">
            {owner.email}
          </a>
          ).
        </>
      ) : null}
    </Notice>
  );
}
