/** A list of header fields cannot be used. Tells which, not what it says. */
export class HeaderListError extends Error {
  override readonly name = 'HeaderListError';
  readonly code = 'invalid-header-list';
  readonly exitCode = 2;
}

/**
 * Header fields as go-livepeer's flags write them, `name:value,name2:value2`, or one a line. Names in lower case.
 *
 * @throws HeaderListError
 */
export function parseHeaderList(text: string): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [index, part] of text.split(/[,\n]/).entries()) {
    if (part.trim() === '') continue;
    const colon = part.indexOf(':');
    const [name, value] = [part.slice(0, colon).trim().toLowerCase(), part.slice(colon + 1).trim()];
    if (colon < 0 || !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) || !/^[\x20-\x7e\t]*$/.test(value)) {
      throw new HeaderListError(`header field ${index + 1} of the list is not name:value`);
    }
    headers[name] = value;
  }
  return headers;
}
