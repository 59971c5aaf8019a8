export type Service = { host: string; port: number };

/** Host and port of the servers that Armature itself uses. Sockets are left out: no URL reaches them. */
export function listOwnServices(env: { temporal: string; databases: string[] }): Service[] {
  return [
    readService(`temporal://${env.temporal}`, 7233),
    ...env.databases.map((url) => readService(url, 5432)),
  ].filter((each) => each !== null);
}

function readService(text: string, defaultPort: number): Service | null {
  const url = URL.parse(text);
  const host = url?.searchParams.get('host') ?? url?.hostname ?? '';
  if (!url || host === '' || decodeURIComponent(host).startsWith('/')) return null;
  return { host, port: Number(url.searchParams.get('port') ?? url.port) || defaultPort };
}
