import { useSearchParams } from 'react-router';
import { LinkButton } from '../base/button.tsx';

/** Links of a keyset list: next page and first page. The URL holds the position. */
export function Pager({ nextCursor }: { nextCursor: string | null }) {
  const [search] = useSearchParams();
  const here = search.get('cursor');
  if (!here && !nextCursor) return null;
  const withCursor = (cursor: string | null) => {
    const next = new URLSearchParams(search);
    if (cursor) next.set('cursor', cursor);
    else next.delete('cursor');
    return `?${next}`;
  };
  return (
    <nav aria-label="Pages" className="mt-4 flex justify-between gap-2">
      {here ? <LinkButton to={withCursor(null)}>First page</LinkButton> : <span />}
      {nextCursor ? <LinkButton to={withCursor(nextCursor)}>Next page</LinkButton> : null}
    </nav>
  );
}
