import { Readable } from 'node:stream';
import { createReadableStreamFromReadable } from '@react-router/node';
import type { Download } from '../../services/run/export/download.ts';

/** A file that is sent as it is written. */
export const toFileResponse = ({ name, contentType, chunks }: Download): Response =>
  new Response(createReadableStreamFromReadable(Readable.from(chunks)), {
    headers: {
      'Content-Type': `${contentType}; charset=utf-8`,
      'Content-Disposition': `attachment; filename="${name}"`,
    },
  });
