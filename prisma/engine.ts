import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlQuery,
} from '@prisma/driver-adapter-utils';
import type { DiffTarget, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import { DatabaseError, Pool, type QueryArrayConfig } from 'pg';

const folder = dirname(fileURLToPath(import.meta.url));
/** Postgres's type "char" and its arrays (pg_type.dat). */
const charOid = 18;
const charArrayOid = 1002;
const noFilters = { externalTables: [], externalEnums: [] };

/**
 * Prisma's schema engine as WebAssembly on the `pg` driver: the native one is a download, which not every network
 * allows.
 * @throws what the engine reports, with Prisma's error code in the message.
 */
export async function withEngine<T>(
  databaseUrl: string,
  work: (engine: {
    /** Applies the missing migrations of `prisma/migrations`, or those of them in `names`. @returns their names. */
    apply(names?: ReadonlySet<string>): Promise<string[]>;
    /** SQL that creates the tables of `schema.prisma` in an empty database. */
    script(): Promise<string>;
    /**
     * The SQL that a schema needs beyond `prisma/migrations`; empty when they agree. The database must be empty: the
     * migrations are applied to it. @param schema `schema.prisma` by default
     */
    changes(schema?: string): Promise<string>;
  }) => Promise<T>,
): Promise<T> {
  await loadBindings();
  const { factory, close } = driver(databaseUrl);
  const adapter = bindMigrationAwareSqlAdapterFactory(factory);
  const current = await readFile(join(folder, 'schema.prisma'), 'utf8');
  const datamodels: [string, string][] = [['schema.prisma', current]];
  const engine: SchemaEngine = await bindings.SchemaEngine.new({ datamodels }, () => {}, adapter);
  const diff = async (from: DiffTarget, content: string): Promise<string> => {
    const to = { tag: 'schemaDatamodel' as const, files: [{ path: 'schema.prisma', content }] };
    const { exitCode, stdout } = await engine.diff({ from, to, script: true, exitCode: true, filters: noFilters });
    return exitCode === 0 ? '' : (stdout ?? '');
  };
  try {
    return await work({
      async apply(names) {
        const all = await readMigrations();
        const migrationDirectories = all.migrationDirectories.filter(({ path }) => names?.has(path) ?? true);
        const migrationsList = { ...all, migrationDirectories };
        const result = await engine.applyMigrations({ migrationsList, filters: noFilters });
        return result.appliedMigrationNames;
      },
      script: () => diff({ tag: 'empty' }, current),
      changes: async (schema = current) => diff({ tag: 'migrations', ...(await readMigrations()) }, schema),
    });
  } finally {
    engine.free();
    await close();
  }
}

/**
 * Prisma's own adapter splits a script at every semicolon, also inside function bodies and comments, and sends the
 * parts over several connections. Sent whole, Postgres runs it as one transaction.
 */
function driver(databaseUrl: string): { factory: SqlMigrationAwareDriverAdapterFactory; close(): Promise<void> } {
  const pools: Pool[] = [];

  async function connect(url: string): Promise<SqlDriverAdapter> {
    const pool = new Pool({ connectionString: url });
    pools.push(pool);
    // The adapter refuses columns of type "char", which the engine reads from Postgres's catalog. It accepts arrays of
    // them, which the engine never reads: so such a column is marked as an array here, and unmarked in `queryRaw`.
    const marking: Pool = Object.assign(Object.create(pool), {
      query: async (config: QueryArrayConfig) => {
        const result = await pool.query(config);
        for (const field of result.fields) if (field.dataTypeID === charOid) field.dataTypeID = charArrayOid;
        return result;
      },
    });
    const adapter = await new PrismaPg(marking).connect();
    const queryRaw = adapter.queryRaw.bind(adapter);
    return Object.assign(adapter, {
      queryRaw: async (query: SqlQuery) => {
        const result = await queryRaw(query);
        const columnTypes = result.columnTypes.map((type) =>
          type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type,
        );
        return { ...result, columnTypes };
      },
      executeScript: async (script: string) => {
        try {
          await pool.query(script);
        } catch (error) {
          throw error instanceof DatabaseError ? toDriverError(error) : error;
        }
      },
    });
  }

  return {
    factory: {
      provider: 'postgres',
      adapterName: 'pg',
      connect: () => connect(databaseUrl),
      // `changes` applies the migrations in the database itself, which is empty.
      connectToShadowDb: () => connect(databaseUrl),
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
    },
  };
}

function toDriverError({ code, severity, message, detail, column, hint }: DatabaseError): DriverAdapterError {
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
