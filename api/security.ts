import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from '../infra/logger/index.ts';

/**
 * Sets the security headers of pages. Only our own files and scripts with the request's nonce run.
 * `style-src-attr` allows style attributes, which nonces don't cover. Under this policy they can't load anything.
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
      "frame-src 'self'",
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

/** Sets the security headers of data responses: a browser that opens one loads and runs nothing. */
export function dataHeaders({ https }: { https: boolean }): RequestHandler {
  return (_request, response, next) => {
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (https) response.setHeader('Strict-Transport-Security', 'max-age=31536000');
    next();
  };
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** @returns the origins of the dashboard: the configured one and, if that is loopback, the other names of loopback. */
export function ownOrigins(url: string): Set<string> {
  const { protocol, hostname, port, origin } = new URL(url);
  if (!loopback.includes(hostname)) return new Set([origin]);
  return new Set(loopback.map((host) => `${protocol}//${host}${port ? `:${port}` : ''}`));
}

/**
 * Refuses cross-site request forgery by `Origin` and `Sec-Fetch-Site`. Unsafe requests with a cookie must come from our
 * own pages. Those from other sites are refused even without a cookie, because a forged sign-in has none.
 */
export function refuseForgery(origins: ReadonlySet<string>, log: Logger): RequestHandler {
  return (request, response, next) => {
    if (safeMethods.has(request.method)) return next();
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const isForeign = (site !== undefined && site !== 'same-origin') || (origin !== undefined && !origins.has(origin));
    const hasNoSource = site === undefined && origin === undefined;
    if (!isForeign && !(hasNoSource && request.headers.cookie !== undefined)) return next();
    log.info({ requestId: response.locals.requestId, origin, site }, 'cross-site request refused');
    response
      .status(403)
      .type('text')
      .send(
        'Cross-site request refused. If you sent it from the dashboard, open the dashboard at the address in ARMATURE_URL.',
      );
  };
}

const maxBodyBytes = 2 * 1024 * 1024;
/** Where an OpenAPI document is uploaded. */
const maxUploadBytes = 17 * 1024 * 1024;
const uploadPath = /^\/o\/[^/]+\/product-mcps\/[^/]+\/docs(\.data)?$/;

/** Refuses bodies that are too large or don't declare their size, before reading them: forms are read into memory. */
export const limitBodies: RequestHandler = (request, response, next) => {
  if (safeMethods.has(request.method)) return next();
  const isUnsized = request.headers['transfer-encoding'] !== undefined;
  const maxBytes = uploadPath.test(request.path) ? maxUploadBytes : maxBodyBytes;
  if (!isUnsized && Number(request.headers['content-length'] ?? 0) <= maxBytes) return next();
  response
    .status(isUnsized ? 411 : 413)
    .set('Connection', 'close')
    .type('text')
    .send(
      isUnsized
        ? 'The request has no Content-Length. Send one.'
        : `The request is larger than ${maxBytes / 1024 / 1024} MB.`,
    );
};
