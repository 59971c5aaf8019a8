import type { ComponentProps } from 'react';
import type { LinkProps } from 'react-router';
import { Link } from '../page/link.tsx';

const variants = {
  primary: 'bg-accent text-accent-ink border-accent hover:opacity-90',
  plain: 'bg-surface text-ink border-field/60 hover:bg-sunken',
  danger: 'bg-surface text-fail border-fail/60 hover:bg-fail-soft',
  quiet: 'border-transparent text-muted hover:text-ink hover:bg-sunken',
} as const;
type Variant = keyof typeof variants;

/** For links to files, which are no pages. */
export const buttonClass = (variant: Variant) =>
  `inline-flex min-h-11 items-center justify-center gap-2 rounded-md border px-3 py-1 text-sm font-medium no-underline transition-colors disabled:cursor-not-allowed disabled:opacity-60 md:min-h-8 ${variants[variant]}`;

/**
 * One `primary` on a page; `plain` for the others, `danger` for what destroys, `quiet` for what is seldom used.
 * @param props.unstyled a class instead of a variant, such as that of a menu's item
 */
export function Button({
  variant = 'plain',
  className = '',
  unstyled,
  ...rest
}: ComponentProps<'button'> & { variant?: Variant; unstyled?: string }) {
  return (
    <button type="submit" {...rest} className={unstyled ?? `${buttonClass(variant)} cursor-pointer ${className}`} />
  );
}

export function LinkButton({ variant = 'plain', className = '', ...rest }: LinkProps & { variant?: Variant }) {
  return <Link {...rest} className={`${buttonClass(variant)} ${className}`} />;
}

export function TextLink({ className = '', ...rest }: LinkProps) {
  return (
    <Link {...rest} className={`text-accent underline decoration-accent/40 hover:decoration-accent ${className}`} />
  );
}
