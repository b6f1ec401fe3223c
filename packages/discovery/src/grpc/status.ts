/** gRPC's status numbers by name, in their order. */
const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
] as const;

export const OK = 0;
export const UNIMPLEMENTED = 12;

const MAX_MESSAGE_LENGTH = 300;

/** A status for people; the peer's words are cut, and what a terminal would act on is taken out. */
export function statusText(code: number, message: string | undefined): string {
  const name = NAMES[code] ?? `status ${code}`;
  const words = percentDecoded(message ?? '')
    .replaceAll(/[\p{C}\u2028\u2029]+/gu, ' ') // control and format characters: those that reorder text, too
    .trim();
  if (words === '') return name;
  return `${name} (${words.length > MAX_MESSAGE_LENGTH ? `${words.slice(0, MAX_MESSAGE_LENGTH)}...` : words})`;
}

/** Messages travel percent-encoded; one that is not well encoded is shown as it came. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
