/**
 * Index behind the first JSON object or array of a text, whatever follows it; `undefined` when the text does not begin
 * with one or it does not end. Only strings and brackets are looked at: the value itself may still be malformed.
 */
export function endOfFirstValue(text: string): number | undefined {
  const start = text.search(/[^ \t\r\n]/);
  if (start === -1 || !'{['.includes(text.charAt(start))) return undefined;
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (inString) {
      if (char === '\\') at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth++;
    else if ((char === '}' || char === ']') && --depth === 0) return at + 1;
  }
  return undefined;
}
