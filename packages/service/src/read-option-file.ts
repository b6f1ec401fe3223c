import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';

/** The text of an option's file, trimmed, with what an operator should know about its mode. */
export interface OptionFile {
  readonly text: string;
  /** Present when a confidential file can be read by its group or by everyone. */
  readonly warning?: string;
}

/**
 * Reads and trims a small text file. Size and mode are those of the opened file.
 * Throws an Error whose message names the path and the reason, never the content.
 */
export function readOptionFile(
  path: string,
  limits: { maxBytes: number; confidential: boolean },
): OptionFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be opened';
    throw new Error(`the file ${path} ${reason}`, { cause });
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() && !stat.isFIFO()) throw new Error(`${path} is not a file`);
    if (stat.size > limits.maxBytes) {
      throw new Error(`the file ${path} has ${stat.size} bytes, more than ${limits.maxBytes}`);
    }
    const text = readFileSync(descriptor, 'utf8').trim();
    if (text === '') throw new Error(`the file ${path} is empty`);
    const open = limits.confidential && process.platform !== 'win32' && (stat.mode & 0o077) !== 0;
    return open
      ? {
          text,
          warning: `${path} can be read by others (mode ${(stat.mode & 0o777).toString(8)}): chmod 600 it`,
        }
      : { text };
  } finally {
    closeSync(descriptor);
  }
}
