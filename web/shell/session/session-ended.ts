/** Fired on `window` when the session turns out to have ended while a page is open. */
export class SessionEnded extends Event {
  static readonly type = 'armature:session-ended';
  /** What was to be sent to `url`; null if nothing was sent. */
  readonly form: FormData | null;
  readonly url: URL;
  constructor({ form, url }: { form: FormData | null; url: URL }) {
    super(SessionEnded.type);
    this.form = form;
    this.url = url;
  }
}
