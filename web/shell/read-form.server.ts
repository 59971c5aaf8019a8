/** What a form may have. `maxBytes` is compared with `Content-Length`, which the api requires (api/security.ts). */
export type FormLimits = { maxBytes: number; maxFields: number /** @default false */; takesFiles?: boolean };

/** Anyone may send these, so they are small. */
export const visitorForm: FormLimits = { maxBytes: 16 * 1024, maxFields: 100 };
/** The largest form has 100 monitors with all their arguments. */
export const memberForm: FormLimits = { maxBytes: 2 * 1024 * 1024, maxFields: 10_000 };

/** An OpenAPI document of 16 MB, with what surrounds it. */
export const documentForm: FormLimits = { maxBytes: 17 * 1024 * 1024, maxFields: 20, takesFiles: true };

export type FormRefusal = { status: 400 | 413 | 415; message: string; remediation: string };

/** Reads a form in time linear to its size. @returns the form, or why it can't be read */
export async function readForm(
  request: Request,
  { maxBytes, maxFields, takesFiles = false }: FormLimits,
): Promise<{ form: FormData } | { refusal: FormRefusal }> {
  const type = request.headers.get('content-type') ?? '';
  const isMultipart = takesFiles && /^multipart\/form-data *;/i.test(type);
  if (!isMultipart && !/^application\/x-www-form-urlencoded *(;|$)/i.test(type))
    return refuse(415, 'The request contains no form.', 'Send it as application/x-www-form-urlencoded.');
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes)
    return refuse(
      413,
      `The form is larger than ${maxBytes / 1024} KiB.`,
      takesFiles ? 'Choose a smaller file.' : 'Shorten the texts, then send it again.',
    );
  if (isMultipart) return readMultipart(request);
  const body = await readBody(request);
  if (body === null) return refuse(400, 'The form ended before all of it was sent.', 'Send it again.');
  if (countFields(body) > maxFields)
    return refuse(413, `The form has more than ${maxFields} fields.`, 'Send fewer at a time.');
  const form = new FormData();
  for (const [name, value] of new URLSearchParams(body)) {
    if (name.includes('\0') || value.includes('\0'))
      return refuse(400, 'The form contains a NUL character.', 'Remove it, then send it again.');
    form.append(name, value);
  }
  return { form };
}

const refuse = (status: FormRefusal['status'], message: string, remediation: string) => ({
  refusal: { status, message, remediation },
});

async function readMultipart(request: Request): Promise<{ form: FormData } | { refusal: FormRefusal }> {
  try {
    return { form: await request.formData() };
  } catch {
    // It is malformed, or ended before all of it was sent.
    return refuse(400, 'The form could not be read.', 'Send it again.');
  }
}

/** Null if the client stopped sending, the only way in which this fails. */
async function readBody(request: Request): Promise<string | null> {
  try {
    return await request.text();
  } catch {
    return null;
  }
}

function countFields(body: string): number {
  let count = 1;
  for (let at = body.indexOf('&'); at !== -1; at = body.indexOf('&', at + 1)) count += 1;
  return count;
}
