import type { ComponentProps } from 'react';
import { Link, type LinkProps } from 'react-router';

const looks = {
  primary: 'bg-accent text-accent-ink border-accent hover:opacity-90',
  plain: 'bg-surface text-ink border-field/60 hover:bg-sunken',
  danger: 'bg-surface text-fail border-fail/60 hover:bg-fail-soft',
  quiet: 'border-transparent text-muted hover:text-ink hover:bg-sunken',
} as const;
type Look = keyof typeof looks;

const buttonClass = (look: Look) =>
  `inline-flex min-h-9 items-center justify-center gap-2 rounded-md border px-3 py-1.5 text-sm font-medium no-underline transition-colors disabled:cursor-not-allowed disabled:opacity-60 ${looks[look]}`;

export function Button({ look = 'plain', className = '', ...rest }: ComponentProps<'button'> & { look?: Look }) {
  return <button type="submit" {...rest} className={`${buttonClass(look)} cursor-pointer ${className}`} />;
}

export function LinkButton({ look = 'plain', className = '', ...rest }: LinkProps & { look?: Look }) {
  return <Link {...rest} className={`${buttonClass(look)} ${className}`} />;
}

export function TextLink({ className = '', ...rest }: LinkProps) {
  return (
    <Link {...rest} className={`text-accent underline decoration-accent/40 hover:decoration-accent ${className}`} />
  );
}
