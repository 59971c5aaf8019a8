/** Builds a dashboard page's address; never leads elsewhere. @param url the dashboard's, without trailing slash */
export function toDashboardUrl(url: string, path: string): string {
  const { origin } = new URL(url);
  const full = `${url}${path.startsWith('/') ? '' : '/'}${path}`;
  return URL.canParse(full) && new URL(full).origin === origin ? new URL(full).href : url;
}
