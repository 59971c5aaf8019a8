// biome-ignore lint/style/noRestrictedImports: everything else links by these.
import { type LinkProps, type NavLinkProps, Link as RouterLink, NavLink as RouterNavLink } from 'react-router';
import { usePrefetch } from '../hooks/use-prefetch.ts';

/** A link that loads its page as soon as somebody points at it. */
export const Link = (props: LinkProps) => <RouterLink prefetch={usePrefetch()} {...props} />;

export const NavLink = (props: NavLinkProps) => <RouterNavLink prefetch={usePrefetch()} {...props} />;
