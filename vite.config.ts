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

const commonJs = /^(react|react-dom|react\/jsx-runtime|react-dom\/client)$/;
const ownId = '\0armature:';

/**
 * ES modules in front of the packages that are CommonJS. Otherwise every file of the build imports the bundler's
 * helpers for them, which are a file, and so a request, of their own.
 */
const modulesAlone: Plugin = {
  name: 'armature:modules-alone',
  enforce: 'pre',
  apply: 'build',
  applyToEnvironment: ({ name }) => name === 'client',
  resolveId(source, importer, { kind }) {
    const isOurs = commonJs.test(source) && kind === 'import-statement' && !importer?.startsWith(ownId);
    return isOurs ? `${ownId}${source}` : null;
  },
  async load(id) {
    if (!id.startsWith(ownId)) return null;
    const source = id.slice(ownId.length);
    const names = Object.keys(await import(source)).filter((name) => !/^(default|module\.exports)$/.test(name));
    const lines = names.map((name) => `export const ${name} = whole.${name};`);
    return [`import whole from '${source}';`, 'export default whole;', ...lines].join('\n');
  },
  transform(code, id) {
    if (!id.endsWith('/node_modules/cronstrue/dist/cronstrue.js')) return null;
    const shell = 'const module = { exports: {} };\nconst { exports } = module;';
    return { code: `${shell}\n${code}\nexport const { toString } = module.exports;`, map: null };
  },
};

/** What most pages need. Labels are few bytes, and pages show things of several nouns. */
const isShared = (id: string): boolean =>
  /web\/(ui|shell)\/|web\/routes\/[^/]+\/[^/]*labels\.ts|routes\/servers\/(probe\/server-words|server\/status)|routes\/monitors\/status|lucide-react|domain\/(?!assertion|notification|schedule|schema|secret|json)/.test(
    id,
  ) &&
  !/web\/ui\/(chart\/|overlay\/drawer|data\/bulk-form)/.test(id) &&
  !isOfRuns(id);

/** Traces and results of tools, which pages of runs show, and few others. */
const isOfRuns = (id: string): boolean =>
  /web\/routes\/runs\/(run|compare)\/|web\/ui\/(data\/(json-tree|diff-view)|chart\/waterfall|base\/skeleton)|domain\/json\/exact/.test(
    id,
  );

/** Large forms, which lists need not load. */
const editor = /web\/routes\/([^/]+)\/(?:editor|rule\/form)\//;
const nameEditor = (id: string): string => `${editor.exec(id)?.[1] ?? 'any'}-editor`;

const isPart = (id: string): boolean => /web\/routes\//.test(id) && !editor.test(id);
/** The chunk of what several pages of a noun use, such as `alerts-parts`. */
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
            // Of React only what is used.
            treeshake: { propertyReadSideEffects: false },
            output: {
              codeSplitting: {
                groups: [
                  {
                    name: 'framework',
                    test: /node_modules\/(react|react-dom|scheduler|react-router|get-nonce)\/|armature:react/,
                    priority: 5,
                  },
                  { name: 'shared', test: isShared, minShareCount: 2, priority: 4 },
                  { name: 'runs', test: isOfRuns, minShareCount: 2, priority: 3 },
                  { name: 'charts', test: /web\/ui\/chart\//, minShareCount: 2, priority: 3 },
                  // Forms of servers, which their other pages don't have.
                  { name: 'server-forms', test: /routes\/servers\/(connect|probe)\//, minShareCount: 2, priority: 3 },
                  { name: nameByNoun, test: isPart, minShareCount: 2, priority: 2 },
                  { name: nameEditor, test: editor, minShareCount: 2, priority: 1 },
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
  plugins: [roomsStayOutside, modulesAlone, fewFiles, tailwindcss(), reactRouter()],
  // An inlined asset would be a data: URL, which the content security policy refuses.
  build: { assetsInlineLimit: 0, target: 'es2022' },
  // Known from the start, or Vite finds them page by page and reloads the browser each time.
  optimizeDeps: { include: ['get-nonce', 'lucide-react', 'zod'] },
  server: { watch: { ignored: ['.armature', 'docs', 'tests'].map((folder) => join(root, folder, '**')) } },
});
