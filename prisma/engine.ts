import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { DatabaseError, Pool } from 'pg';

const folder = dirname(fileURLToPath(import.meta.url));
const noFilters = { externalTables: [], externalEnums: [] };

/**
 * Prisma's schema engine as WebAssembly on the `pg` driver: the native one is a download, which not every network allows.
 * @throws what the engine reports, with Prisma's error code in the message.
 */
export async function withEngine<T>(
  databaseUrl: string,
  work: (engine: {
    /** Applies the missing migrations of `prisma/migrations`. @returns their names. */
    apply(): Promise<string[]>;
    /** SQL that creates the tables of `schema.prisma` in an empty database. */
    script(): Promise<string>;
  }) => Promise<T>,
): Promise<T> {
  await loadBindings();
  const { factory, close } = driver(databaseUrl);
  const adapter = bindMigrationAwareSqlAdapterFactory(factory);
  const datamodels: [string, string][] = [['schema.prisma', await readSchema()]];
  const engine: SchemaEngine = await bindings.SchemaEngine.new({ datamodels }, () => {}, adapter);
  try {
    return await work({
      async apply() {
        const result = await engine.applyMigrations({ migrationsList: await readMigrations(), filters: noFilters });
        return result.appliedMigrationNames;
      },
      async script() {
        const files = [{ path: 'schema.prisma', content: await readSchema() }];
        const result = await engine.diff({
          from: { tag: 'empty' },
          to: { tag: 'schemaDatamodel', files },
          script: true,
          exitCode: null,
          filters: noFilters,
        });
        return result.stdout ?? '';
      },
    });
  } finally {
    engine.free();
    await close();
  }
}

/**
 * Prisma's own adapter splits a script at every semicolon, also inside function bodies and comments, and sends the parts
 * over several connections. Sent whole, Postgres runs it as one transaction.
 */
function driver(databaseUrl: string): { factory: SqlMigrationAwareDriverAdapterFactory; close(): Promise<void> } {
  const pools: Pool[] = [];

  async function connect(url: string): Promise<SqlDriverAdapter> {
    const pool = new Pool({ connectionString: url });
    pools.push(pool);
    const adapter = await new PrismaPg(pool).connect();
    return Object.assign(adapter, {
      executeScript: async (script: string) => {
        try {
          await pool.query(script);
        } catch (error) {
          throw error instanceof DatabaseError ? readable(error) : error;
        }
      },
    });
  }

  return {
    factory: {
      provider: 'postgres',
      adapterName: 'pg',
      connect: () => connect(databaseUrl),
      // Only needed to compare folders of migrations.
      connectToShadowDb: () => Promise.reject(new Error('There is no shadow database.')),
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

function readable({ code, severity, message, detail, column, hint }: DatabaseError): DriverAdapterError {
  return new DriverAdapterError({
    kind: 'postgres',
    code: code ?? 'unknown',
    severity: severity ?? 'ERROR',
    message,
    detail,
    column,
    hint,
  });
}

/** The migrations of `prisma/migrations`, ordered by name. */
export async function readMigrations(): Promise<MigrationList> {
  const baseDir = join(folder, 'migrations');
  const entries = await readdir(baseDir, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (name) => ({
      path: name,
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: await readFile(join(baseDir, name, 'migration.sql'), 'utf8') },
      },
    })),
  );
  const lockfile = {
    path: 'migration_lock.toml',
    content: await readFile(join(baseDir, 'migration_lock.toml'), 'utf8'),
  };
  return { baseDir, lockfile, shadowDbInitScript: '', migrationDirectories };
}

function readSchema(): Promise<string> {
  return readFile(join(folder, 'schema.prisma'), 'utf8');
}

let loaded: Promise<void> | undefined;

// The package's entry point imports its .wasm file as a module, which makes Node print an experimental warning.
function loadBindings(): Promise<void> {
  loaded ??= (async () => {
    const glue = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const bytes = await readFile(join(dirname(glue), 'schema_engine_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': { ...bindings } });
    bindings.__wbg_set_wasm(instance.exports);
    const start = instance.exports.__wbindgen_start;
    if (typeof start !== 'function') throw new Error('The schema engine has an unknown layout.');
    start();
  })();
  return loaded;
}
