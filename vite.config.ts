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

/** The chunk of what several pages of a noun use, such as `monitors-parts`. */
const nameByNoun = (id: string): string => `${/web\/routes\/([^/]+)\//.exec(id)?.[1] ?? 'pages'}-parts`;

/**
 * What most pages need is in few files: each file is a request. A page's own code, and what few pages use, such as the
 * editor, stay apart.
 */
const fewFiles: Plugin = {
  name: 'armature:few-files',
  config: () => ({
    environments: {
      client: {
        build: {
          rolldownOptions: {
            output: {
              codeSplitting: {
                groups: [
                  {
                    name: 'framework',
                    test: /node_modules\/(react|react-dom|scheduler|react-router|get-nonce)\//,
                    priority: 4,
                  },
                  {
                    name: 'shared',
                    test: /web\/(ui|shell)\/|lucide-react|domain\/(?!assertion|schedule|schema|secret)/,
                    minShareCount: 2,
                    priority: 3,
                  },
                  // The editor would take along what the page of a run needs.
                  { name: 'run-ids', test: /domain\/run\/ids/, priority: 5 },
                  { name: 'workflow-editor', test: /routes\/workflows\/editor\//, minShareCount: 2, priority: 2 },
                  { name: nameByNoun, test: /web\/routes\//, minShareCount: 2, priority: 1 },
                ],
              },
            },
          },
        },
      },
    },
  }),
};

export default defineConfig({
  plugins: [roomsStayOutside, fewFiles, tailwindcss(), reactRouter()],
  // An inlined asset would be a data: URL, which the content security policy refuses.
  build: { assetsInlineLimit: 0, target: 'es2022' },
  // Known from the start, or Vite finds them page by page and reloads the browser each time.
  optimizeDeps: { include: ['cronstrue', 'get-nonce', 'lucide-react', 'radix-ui', 'zod'] },
  server: { watch: { ignored: ['.armature', 'docs', 'tests'].map((folder) => join(root, folder, '**')) } },
});
