import { constants } from 'node:zlib';
import compression from 'compression';
import type { RequestHandler } from 'express';

/** Below this, the headers weigh more than what is saved. */
const minBytes = 1024;
/** Above this, brotli takes several times as long for a few percent less. */
const brotliQuality = 4;

/**
 * Compresses what is rendered for a request, and flushes what a page streams. Assets are compressed when they are
 * built. What another site makes a browser request stays as it is: with texts of its choice in the address, the sizes
 * of compressed answers would tell that site what else is on the page (BREACH).
 */
export function compress(): RequestHandler {
  return compression({
    threshold: minBytes,
    brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } },
    filter(request, response) {
      const site = request.headers['sec-fetch-site'];
      if (site === 'cross-site' || site === 'same-site') return false;
      // A compressor would hold events back.
      if (String(response.getHeader('content-type')).startsWith('text/event-stream')) return false;
      return compression.filter(request, response);
    },
  });
}
