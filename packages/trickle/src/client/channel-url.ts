/** The URLs of one channel. */
export class ChannelUrl {
  readonly origin: string;
  readonly #url: URL;

  /** Throws `TypeError` for what is not an absolute URL. */
  constructor(channelUrl: string) {
    this.#url = new URL(channelUrl);
    this.#url.pathname = this.#url.pathname.replace(/\/+$/, '');
    this.#url.hash = '';
    this.origin = this.#url.origin;
  }

  /** The channel itself. */
  get channel(): string {
    return this.#url.href;
  }

  /** Segment `index`, or the channel's position. */
  at(index: number | 'next'): string {
    const url = new URL(this.#url);
    url.pathname = `${url.pathname}/${index}`;
    return url.href;
  }
}
