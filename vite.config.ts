import { join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reactRouter } from '@react-router/dev/vite';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type Plugin } from 'vite';
import packageJson from './package.json' with { type: 'json' };

const root = import.meta.dirname;
const serverFolder = resolve(root, 'build/server');
const rooms = ['services', 'domain', 'infra', 'agent'].map((room) => resolve(root, room) + sep);
const isInRoom = (file: string) => rooms.some((room) => file.startsWith(room));

/**
 * The server bundle imports use cases and rules from their own files, which Node runs as they are. So the process has
 * one copy of them, and changing them needs no build.
 */
const roomsStayOutside: Plugin = {
  name: 'armature:rooms-stay-outside',
  enforce: 'pre',
  applyToEnvironment: ({ name }) => name === 'ssr',
  config: (_config, { command }) => ({
    environments: {
      ssr: {
        // Packages that only pages use are bundled too, and need not be installed in production.
        ...(command === 'build' && { resolve: { noExternal: true, external: Object.keys(packageJson.dependencies) } }),
        build: {
          rolldownOptions: {
            output: {
              // Relative to the bundle, so that the folder can be moved. Rolldown's relative paths start at web/.
              paths: (id) => (isInRoom(id) ? relative(serverFolder, id) : id),
              // Chunks would be in a folder below, from where these paths lead elsewhere.
              codeSplitting: false,
            },
          },
        },
      },
    },
  }),
  configureServer({ environments: { ssr } }) {
    const fetchModule = ssr.fetchModule.bind(ssr);
    ssr.fetchModule = async (url, importer, options) => {
      const file = join(root, url);
      return isInRoom(file)
        ? { externalize: pathToFileURL(file).href, type: 'module' }
        : fetchModule(url, importer, options);
    };
  },
  resolveId(source, importer) {
    if (this.environment.mode !== 'build' || !importer || !source.startsWith('.')) return null;
    const file = resolve(importer, '..', source);
    return isInRoom(file) ? { id: file, external: 'absolute' } : null;
  },
};

export default defineConfig({
  plugins: [roomsStayOutside, tailwindcss(), reactRouter()],
  // An inlined asset would be a data: URL, which the content security policy refuses.
  build: { assetsInlineLimit: 0, target: 'es2022' },
  // Known from the start, or Vite finds them page by page and reloads the browser each time.
  optimizeDeps: { include: ['cronstrue', 'get-nonce', 'lucide-react', 'radix-ui', 'recharts', 'zod'] },
  server: { watch: { ignored: ['.armature', 'docs', 'tests'].map((folder) => join(root, folder, '**')) } },
});
