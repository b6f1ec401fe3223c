/** What an error says, for a log line; its cause may name what no log should. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}
