import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';

/** After a navigation, moves the focus to the heading of the new page and announces its title. */
export function RouteAnnouncer() {
  const { pathname, hash } = useLocation();
  const [title, setTitle] = useState('');
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    setTitle(document.title);
    // An anchor has its own place.
    if (!hash) focusHeading();
  }, [pathname, hash]);
  return (
    <p role="status" className="sr-only">
      {title}
    </p>
  );
}

function focusHeading(): void {
  const heading = document.querySelector<HTMLElement>('main h1, h1');
  if (!heading) return;
  heading.tabIndex = -1;
  heading.style.outline = 'none';
  // Scrolling is restored by React Router.
  heading.focus({ preventScroll: true });
}
