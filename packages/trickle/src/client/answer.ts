import { TERMINATED, TRICKLE_HEADERS } from '../headers.ts';
import { TrickleError } from './errors.ts';

type Headers = Readonly<Record<string, string>>;

const SEQ = TRICKLE_HEADERS.seq.toLowerCase();
const LATEST = TRICKLE_HEADERS.latest.toLowerCase();
const CLOSED = TRICKLE_HEADERS.closed.toLowerCase();

const DETAIL_CHARACTERS = 200;

const parseNumber = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return undefined;
  const number = Number(text);
  return number < Number.MAX_SAFE_INTEGER ? number : undefined;
};

/** Number of the segment that an answer is about; undefined when it does not say. */
export const answeredSeq = (headers: Headers): number | undefined => parseNumber(headers[SEQ]);

/** Number of the segment that comes next; undefined when the answer does not say. */
export const answeredLatest = (headers: Headers): number | undefined => parseNumber(headers[LATEST]);

/** The channel is over. Ask before looking at the status. */
export const isClosed = (headers: Headers): boolean => (headers[CLOSED] ?? '') !== '';

/** The failure that an answer stands for; undefined for a success. */
export const failureOf = (
  origin: string,
  answer: { readonly status: number; readonly headers: Headers; readonly body?: Uint8Array },
): TrickleError | undefined => {
  const { status } = answer;
  if (isClosed(answer.headers)) return new TrickleError('closed', `channel at ${origin} is ${TERMINATED}`);
  if (status === 200) return undefined;
  if (status === 404) return new TrickleError('not-found', `channel at ${origin} does not exist`);
  const text = answer.body && new TextDecoder().decode(answer.body.subarray(0, 4 * DETAIL_CHARACTERS));
  return new TrickleError('rejected', `${origin} refused with status ${status}`, {
    status,
    ...(text === undefined ? {} : { detail: text.trim().slice(0, DETAIL_CHARACTERS) }),
  });
};
