import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../infra/logger/index.ts';

/**
 * Headers of every answer. Scripts run from our own files or with the request's nonce. `style-src-attr` allows style attributes,
 * which nonces don't cover; they can't load anything under this policy.
 */
export function securityHeaders({ https }: { https: boolean }): RequestHandler {
  return (_request, response, next) => {
    const nonce = randomBytes(16).toString('base64url');
    response.locals.nonce = nonce;
    const policy = [
      "default-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      "style-src 'self'",
      "style-src-attr 'unsafe-inline'",
      "img-src 'self'",
      "font-src 'self'",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ];
    if (https) policy.push('upgrade-insecure-requests');
    response.set({
      'Content-Security-Policy': policy.join('; '),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      ...(https ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
    });
    next();
  };
}

/** Headers of answers that are data: no page loads them, and nothing may be loaded or run where one is opened by itself. */
export function dataHeaders({ https }: { https: boolean }): RequestHandler {
  return (_request, response, next) => {
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (https) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
    next();
  };
}

const safe = new Set(['GET', 'HEAD', 'OPTIONS']);
const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Origins that the dashboard is served from: the configured one, and when that is this machine, its other spellings. */
export function ownOrigins(url: string): Set<string> {
  const { protocol, hostname, port, origin } = new URL(url);
  if (!loopback.includes(hostname)) return new Set([origin]);
  return new Set(loopback.map((host) => `${protocol}//${host}${port ? `:${port}` : ''}`));
}

/**
 * The one check against cross-site request forgery: an unsafe request that carries a cookie must come from our own pages, by
 * `Origin` and `Sec-Fetch-Site`. One that says it comes from elsewhere is refused with or without a cookie (a forged sign-in
 * carries none).
 */
export function refuseForgery(origins: ReadonlySet<string>, log: Logger): RequestHandler {
  return (request, response, next) => {
    if (safe.has(request.method)) return next();
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const foreign = (site !== undefined && site !== 'same-origin') || (origin !== undefined && !origins.has(origin));
    const silent = site === undefined && origin === undefined;
    if (!foreign && !(silent && request.headers.cookie !== undefined)) return next();
    log.warn({ requestId: response.locals.requestId, origin, site }, 'cross-site request refused');
    response
      .status(403)
      .type('text')
      .send(
        'This request does not come from a page of Armature, so it was refused. If you sent it from the dashboard, open the dashboard at the address set as ARMATURE_URL.',
      );
  };
}

const largestBody = 2 * 1024 * 1024;

/** Forms are small, and are read whole into memory: what is larger, or doesn't say how large it is, is refused unread. */
export const limitBodies: RequestHandler = (request, response, next) => {
  if (safe.has(request.method)) return next();
  const unsized = request.headers['transfer-encoding'] !== undefined;
  if (!unsized && Number(request.headers['content-length'] ?? 0) <= largestBody) return next();
  response
    .status(unsized ? 411 : 413)
    .set('Connection', 'close')
    .type('text')
    .send('The request is too large.');
};
