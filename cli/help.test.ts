import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import rootManifest from '../package.json' with { type: 'json' };
import { type Cli, setUpCli } from '../tests/support/cli.ts';
import { combineExitCodes, exitCodes } from './exit.ts';
import manifest from './package.json' with { type: 'json' };

const newCli = setUpCli();
let cli: Cli;
beforeEach(async () => {
  cli = await newCli();
});

const listVerbs = async (): Promise<string[]> => {
  const { stdout } = await cli.run(['--help']);
  const [, commands = ''] = stdout.split('Commands:\n');
  return [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name = '']) => name).filter((name) => name !== 'help');
};

describe('help', () => {
  it('has examples for each verb', async () => {
    const verbs = await listVerbs();
    expect(verbs).toEqual(expect.arrayContaining(['init', 'test', 'probe', 'check', 'catalog', 'diff', 'schema']));
    for (const verb of verbs) {
      const { code, stdout } = await cli.run([verb, '--help']);
      expect({ verb, code }).toEqual({ verb, code: 0 });
      expect(stdout).toMatch(/\nExamples:\n[\s\S]*\$ armature /);
    }
  });

  it('has no colors, and the version of the repository', async () => {
    expect((await cli.run(['--help'], { env: { FORCE_COLOR: '1' } })).stdout).not.toMatch(/\p{Cc}\[/u);
    expect(await cli.run(['--version'])).toMatchObject({ code: 0, stdout: `${rootManifest.version}\n` });
    expect(manifest.version).toBe(rootManifest.version);
  });

  it.each([
    [['prob'], /unknown command 'prob'\s+\(Did you mean probe\?\)/],
    [['probe'], /missing required argument 'url'/],
    [['probe', 'http://x', 'y'], /too many arguments/],
    [['check', 'http://x'], /required option '--tool <name>' not specified/],
    [['completion', 'tcsh'], /Allowed choices are bash, zsh, fish/],
  ])('is named where usage is wrong: %j', async (args, says) => {
    const { code, stdout, stderr } = await cli.run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    expect(stderr).toContain('Run with --help to see how it is used.');
  });
});

describe('completion', () => {
  /** What bash offers after these words. */
  async function complete(...words: string[]): Promise<string[]> {
    await cli.write('completion.bash', (await cli.run(['completion', 'bash'])).stdout);
    const script = [
      'source completion.bash',
      `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
      `COMP_CWORD=${words.length - 1}`,
      '_armature',
      `printf "%s\\n" "\${COMPREPLY[@]}"`,
    ].join('\n');
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: cli.folder });
    return stdout.split('\n').filter((line) => line !== '');
  }

  it('in bash has all verbs, and the options of each', async () => {
    expect(await complete('armature', '')).toEqual(await listVerbs());
    expect(await complete('armature', 'pr')).toContain('probe');
    expect(await complete('armature', 'test', '--ba')).toEqual(['--bail', '--baseline']);
    expect(await complete('armature', 'probe', '--ba')).toEqual([]);
  });

  it.each(['zsh', 'fish'])('in %s names all verbs and options', async (shell) => {
    const { stdout } = await cli.run(['completion', shell]);
    for (const verb of await listVerbs()) expect(stdout).toContain(verb);
    expect(stdout).toMatch(/(--|-l )baseline/);
  });
});

describe('schema', () => {
  it('is written to standard output or a file', async () => {
    const { stdout } = await cli.run(['schema']);
    expect(JSON.parse(stdout)).toMatchObject({ properties: { workflows: { type: 'array' } } });
    await cli.run(['schema', '-o', 'schema.json']);
    expect(await cli.read(join('.', 'schema.json'))).toBe(stdout);
  });
});

describe('combined exit codes', () => {
  const { pass, verdict, incomplete } = exitCodes;
  it.each([
    [[], false, pass],
    [[pass, pass], false, pass],
    [[pass, verdict], false, verdict],
    [[pass, incomplete], false, incomplete],
    [[verdict, incomplete], false, verdict],
    [[verdict, incomplete], true, incomplete],
    [[verdict], true, verdict],
  ])('of %j, strict: %s, is %i', (codes, isStrict, code) => {
    expect(combineExitCodes(codes, { isStrict })).toBe(code);
  });
});
