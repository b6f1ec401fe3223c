/** Turns of the event loop until `holds`. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(setImmediate);
}

/** Text as UTF-8. */
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
