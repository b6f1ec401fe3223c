/** What a JSON text holds, as far as it decides how to read it. */
export interface JsonScan {
  /** Deepest nesting of arrays and objects. */
  readonly depth: number;
  /** Whether some number may not be exact as a JavaScript number: 16 digits or more, a fraction or an exponent. */
  readonly inexact: boolean;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** One pass over the text; it need not be valid JSON. */
export function scanJson(text: string): JsonScan {
  let depth = 0;
  let deepest = 0;
  let digits = 0;
  let inexact = false;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char >= 0x30 && char <= 0x39) {
      if (++digits >= 16) inexact = true;
      continue;
    }
    // A point or an exponent right after a digit.
    if (digits > 0 && (char === 0x2e || char === 0x65 || char === 0x45)) inexact = true;
    digits = 0;
    if (char === QUOTE) {
      i = endOfString(text, i);
    } else if (char === 0x5b || char === 0x7b) {
      if (++depth > deepest) deepest = depth;
    } else if (char === 0x5d || char === 0x7d) {
      depth--;
    }
  }
  return { depth: deepest, inexact };
}

/** Index of the quote that ends the string begun at `start`, or of the text's end. Strings may be long: no loop of ours. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text.charCodeAt(end - 1 - escapes) === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
