import type { Case } from './case.ts';
import { catalogs } from './catalogs.ts';
import { discoveries } from './discovery.ts';
import { streamEndings } from './endings.ts';
import { evidence } from './evidence.ts';
import { httpForms } from './http-forms.ts';
import { lifecycles, sessions } from './lifecycle.ts';
import { refusals } from './refusals.ts';
import { results } from './results.ts';
import { callStreams, getStreams } from './streams.ts';

export type { Case, Outcome } from './case.ts';
export { serveCases } from './server.ts';
export { type SseCase, serveSseCases, sseCases } from './sse.ts';

/** Servers over Streamable HTTP as they are met, and what Armature makes of each. */
export const httpCases: { [topic: string]: { [name: string]: Case } } = {
  'HTTP around a message': httpForms,
  'a refusal': refusals,
  'the words of a server': evidence,
  'the handshake': lifecycles,
  'a session': sessions,
  'the question for the newer era': discoveries,
  'a catalog': catalogs,
  'a result': results,
  'the event stream of a call': callStreams,
  'the end of an event stream': streamEndings,
  'the GET stream': getStreams,
};
