import type { ReactNode } from 'react';
import { LinkButton } from '../../../ui/base/button.tsx';

/** Downloads the list with the filters of the address. */
export function ExportLink({ to, query, children }: { to: string; query: URLSearchParams; children: ReactNode }) {
  const filters = new URLSearchParams(query);
  filters.delete('cursor');
  return (
    <LinkButton to={`${to}${filters.size > 0 ? `?${filters}` : ''}`} relative="path" reloadDocument>
      {children}
    </LinkButton>
  );
}
