import { relative, resolve, sep } from 'node:path';
import { vitePlugin as remix } from '@remix-run/dev';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;
const serverFolder = resolve(root, 'build/server');
const outside = ['services', 'domain', 'infra', 'agent'].map((room) => resolve(root, room) + sep);

/**
 * The server bundle imports use cases and rules from their own files, which Node runs as they are. So there is one copy of them
 * in the process, and a change of theirs needs no build.
 */
const roomsStayOutside: Plugin = {
  name: 'armature:rooms-stay-outside',
  enforce: 'pre',
  config: (_config, { isSsrBuild }) => ({
    // From where the bundle is, so that the whole directory can be moved. Rollup's own relative paths start at the common
    // directory of the entries, which for Remix's virtual one is the root of the disk.
    build: {
      rollupOptions: {
        output: {
          paths: (id) => (outside.some((room) => id.startsWith(room)) ? relative(serverFolder, id) : id),
          // Parts of their own would lie a folder deeper, from where these paths lead elsewhere.
          ...(isSsrBuild && { inlineDynamicImports: true }),
        },
      },
    },
  }),
  async resolveId(source, importer, options) {
    if (!options.ssr || !importer || !source.startsWith('.')) return null;
    const file = resolve(importer, '..', source);
    return outside.some((room) => file.startsWith(room)) ? { id: file, external: 'absolute' } : null;
  },
};

export default defineConfig({
  plugins: [
    roomsStayOutside,
    tailwindcss(),
    remix({
      appDirectory: 'web',
      buildDirectory: 'build',
      ignoredRouteFiles: ['**/*'],
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_singleFetch: true,
        v3_routeConfig: true,
        // Its `/__manifest` is CVE-2026-55685; the app is small enough to know all routes at once.
        v3_lazyRouteDiscovery: false,
      },
    }),
  ],
  // An inlined asset would be a data: URL, which the content security policy refuses.
  build: { assetsInlineLimit: 0, target: 'es2022' },
});
