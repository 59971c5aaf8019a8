/** A workflow of GitHub Actions that runs the tests. @param variables of the environment that the file refers to */
export const githubWorkflow = ({ version, variables }: { version: string; variables: readonly string[] }): string =>
  [
    'name: Armature',
    'on: [push, pull_request]',
    'permissions:',
    '  contents: read',
    'jobs:',
    '  armature:',
    '    runs-on: ubuntu-latest',
    '    steps:',
    '      - uses: actions/checkout@v4',
    '      - uses: actions/setup-node@v4',
    '        with:',
    '          node-version: 22',
    `      - run: npx --yes armature@${version} test --github --junit armature-junit.xml`,
    ...(variables.length > 0
      ? ['        env:', ...variables.map((name) => `          ${name}: \${{ secrets.${name} }}`)]
      : []),
    '',
  ].join('\n');
