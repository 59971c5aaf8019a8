type Metadata = { commit?: string | undefined; branch?: string | undefined; url?: string | undefined };

/** What GitHub Actions and GitLab CI say of the job, where it isn't given. Undefined for nothing. */
export function readCiMetadata(
  env: { readonly [name: string]: string | undefined },
  given: Metadata,
): Metadata | undefined {
  const githubJob =
    env.GITHUB_SERVER_URL && env.GITHUB_REPOSITORY && env.GITHUB_RUN_ID
      ? `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}/actions/runs/${env.GITHUB_RUN_ID}`
      : undefined;
  const metadata = {
    commit: given.commit ?? env.GITHUB_SHA ?? env.CI_COMMIT_SHA,
    branch: given.branch ?? env.GITHUB_HEAD_REF ?? env.GITHUB_REF_NAME ?? env.CI_COMMIT_REF_NAME,
    url: given.url ?? githubJob ?? env.CI_JOB_URL,
  };
  const entries = Object.entries(metadata).filter(([, value]) => value);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
