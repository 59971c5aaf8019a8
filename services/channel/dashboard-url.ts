/** A dashboard page's address. It leads nowhere else, whatever the path says. @param url the dashboard's, without a trailing slash */
export function toDashboardUrl(url: string, path: string): string {
  const { origin } = new URL(url);
  const full = `${url}${path.startsWith('/') ? '' : '/'}${path}`;
  return URL.canParse(full) && new URL(full).origin === origin ? new URL(full).href : url;
}
