/** One connection to Postgres. */
export interface Connection {
  /** @throws what the driver throws. */
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly unknown[] }>;
  /** Gives it back; with an error it is not used again. */
  release(error?: Error): void;
}

/** Where connections come from: `pg`'s pool, or an embedded database in tests. */
export interface Connections {
  connect(): Promise<Connection>;
  end(): Promise<void>;
}

/** No statement of ours takes longer, waiting for the other signers' included. */
const STATEMENT_TIMEOUT_MS = 5000;
const CONNECT_TIMEOUT_MS = 5000;
/** One writes, the others read. */
const MOST_CONNECTIONS = 4;

/** Connections of a URL `postgres://user:password@host/name`. Nothing is opened before the first is asked for. */
export async function pgConnections(url: string): Promise<Connections> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: 2 * STATEMENT_TIMEOUT_MS,
    application_name: 'lp-signer',
  });
  pool.on('error', () => {}); // an idle connection that broke: the pool has dropped it, the next query opens another
  // one that breaks between two queries of a transaction: the pool does not listen then, and the next query rejects
  pool.on('connect', (client) => void client.on('error', () => {}));
  return {
    async connect() {
      const client = await pool.connect();
      return {
        query: (text, values = []) => client.query(text, [...values]),
        release: (error) => client.release(error),
      };
    },
    end: () => pool.end(),
  };
}
