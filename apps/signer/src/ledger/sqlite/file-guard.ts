import { statSync } from 'node:fs';

/** The file is not the one that was opened: what is written now would be lost with this process. */
export class LedgerMovedError extends Error {
  override readonly name = 'LedgerMovedError';
  readonly code = 'ledger-moved';
}

/**
 * A check that the database and its write-ahead log are still the files that are open now. SQLite does not look: it writes on
 * to a file that was deleted or replaced, and the next start would remember none of it.
 *
 * The returned function throws LedgerMovedError.
 *
 * @param file an open database in WAL mode, or `:memory:`, which nobody can take away.
 */
export function fileGuard(file: string): () => void {
  if (file === ':memory:') return () => {};
  const guarded = [file, `${file}-wal`].map((path) => ({ path, opened: identityOf(path) }));
  return () => {
    for (const { path, opened } of guarded) {
      if (identityOf(path) === opened) continue;
      throw new LedgerMovedError(
        `${path} was deleted or replaced while in use: stop the signer, put the file back, and start it again`,
      );
    }
  };
}

function identityOf(path: string): string | undefined {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.dev}/${found.ino}`;
}
