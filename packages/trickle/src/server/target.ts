/** What a trickle path names: a channel, and in it nothing, its position, or a segment. */
export interface TrickleTarget {
  readonly channel: string;
  /** Undefined for the channel itself; 'invalid' for what is neither `next` nor an integer. */
  readonly index: number | 'next' | 'invalid' | undefined;
}

const INTEGER = /^[+-]?\d{1,16}$/;

const parseIndex = (text: string): TrickleTarget['index'] => {
  if (text === 'next') return 'next';
  if (!INTEGER.test(text)) return 'invalid';
  const index = Number(text);
  // The number after it must still be exact.
  return index < Number.MAX_SAFE_INTEGER ? index : 'invalid';
};

/** Parses `{channel}` or `{channel}/{index}` from a still encoded path; undefined when it is neither. */
export const parseTarget = (path: string): TrickleTarget | undefined => {
  const parts = path.replace(/^\//, '').split('/');
  const [encoded = '', index, ...rest] = parts;
  if (encoded === '' || rest.length > 0) return undefined;
  let channel: string;
  try {
    channel = decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
  if (index === undefined || index === '') return { channel, index: undefined };
  return { channel, index: parseIndex(index) };
};
