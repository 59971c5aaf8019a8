import pg from 'pg';

/** Statements that a connection carries before another is opened, or used, beside it. */
const deep = 2;

/**
 * Connections for statements that only read and are short. Each takes a second one while the first is being answered, so that half as many of
 * Postgres's processes are woken for them as by a pool, which is what most of such a statement costs. One that breaks is left, and
 * its statements fail; the next opens another.
 * @param max connections at most; none is opened before it is needed.
 */
export function createReads({ max, ...config }: pg.ClientConfig & { max: number }) {
  type Line = { client: pg.Client; open: Promise<unknown>; underWay: number };
  const lines = new Set<Line>();

  function openLine(): Line {
    const client = new pg.Client({ ...config, pipeline: true });
    const line: Line = { client, open: client.connect(), underWay: 0 };
    const leave = () => void lines.delete(line);
    client.on('error', leave).on('end', leave);
    line.open.catch(leave);
    lines.add(line);
    return line;
  }

  function lineFor(): Line {
    let least: Line | undefined;
    for (const line of lines) {
      if (line.underWay < deep) return line;
      if (!least || line.underWay < least.underWay) least = line;
    }
    return least && lines.size >= max ? least : openLine();
  }

  return {
    async rows<Row extends object>(query: pg.QueryConfig): Promise<Row[]> {
      const line = lineFor();
      line.underWay += 1;
      try {
        await line.open;
        return await rowsOf<Row>(line.client, query);
      } catch (error) {
        // Said before the connection is seen to end: what comes at once must not take it any more.
        if (!(error instanceof pg.DatabaseError && error.severity === 'ERROR')) lines.delete(line);
        throw error;
      } finally {
        line.underWay -= 1;
      }
    },
    async close(): Promise<void> {
      await Promise.all([...lines].map(({ client }) => client.end()));
    },
  };
}

/**
 * By callback, which the query has from its start. With the promise that `pg` would make, which it is given later, what was found outlives
 * every young collection (docs/decisions.md).
 */
function rowsOf<Row extends object>(client: pg.Client, query: pg.QueryConfig): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    client.query<Row>(query, (error: Error | null, result) => (error ? reject(error) : resolve(result.rows)));
  });
}
