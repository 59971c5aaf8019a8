/** Bundles the command into `cli/build/armature.js`, which Node 20 and later run without anything else installed. */
import { chmodSync, copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'cli/build');

/** @throws Error with the bundler's own output */
export async function buildCli(): Promise<void> {
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    // Everything is bundled, for users whose install must be small and can't conflict with their project.
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: join(root, 'cli/main.ts'),
      outDir: folder,
      emptyOutDir: true,
      target: 'node20',
      minify: true,
      rolldownOptions: { output: { entryFileNames: 'armature.js', codeSplitting: false } },
    },
  });
  chmodSync(join(folder, 'armature.js'), 0o755);
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
}

if (import.meta.main) {
  await buildCli();
  console.log(`cli/build/armature.js: ${(statSync(join(folder, 'armature.js')).size / 1024).toFixed(0)} kB`);
}
