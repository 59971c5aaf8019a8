import type { ComponentProps } from 'react';
import { Link, type LinkProps } from 'react-router';

const variants = {
  primary: 'bg-accent text-accent-ink border-accent hover:opacity-90',
  plain: 'bg-surface text-ink border-field/60 hover:bg-sunken',
  danger: 'bg-surface text-fail border-fail/60 hover:bg-fail-soft',
  quiet: 'border-transparent text-muted hover:text-ink hover:bg-sunken',
} as const;
type Variant = keyof typeof variants;

const buttonClass = (variant: Variant) =>
  `inline-flex min-h-9 items-center justify-center gap-2 rounded-md border px-3 py-1.5 text-sm font-medium no-underline transition-colors disabled:cursor-not-allowed disabled:opacity-60 ${variants[variant]}`;

export function Button({
  variant = 'plain',
  className = '',
  ...rest
}: ComponentProps<'button'> & { variant?: Variant }) {
  return <button type="submit" {...rest} className={`${buttonClass(variant)} cursor-pointer ${className}`} />;
}

export function LinkButton({ variant = 'plain', className = '', ...rest }: LinkProps & { variant?: Variant }) {
  return <Link {...rest} className={`${buttonClass(variant)} ${className}`} />;
}

export function TextLink({ className = '', ...rest }: LinkProps) {
  return (
    <Link {...rest} className={`text-accent underline decoration-accent/40 hover:decoration-accent ${className}`} />
  );
}
