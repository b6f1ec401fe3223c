import type { Transport } from '@lp/runtime';
import { type Frame, publishFrames, subscribe, subscribeFrames } from '@lp/trickle';

/** URLs that `POST /stream` answers. */
export interface StreamUrls {
  readonly in: string;
  readonly out: string;
  readonly events: string;
}

/** Asks for a stream and gives status and answer. */
export async function postStream(
  transport: Transport,
  appUrl: string,
  body: unknown,
): Promise<{ status: number; answer: StreamUrls & { error?: { code: string; message: string } } }> {
  const { status, body: bytes } = await transport.request({
    method: 'POST',
    url: `${appUrl}/stream`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    timeoutMs: 10_000,
  });
  return { status, answer: JSON.parse(new TextDecoder().decode(bytes)) };
}

/** Collects what a stream gives back, until its channel ends. */
export async function collectFrames(url: string, transport: Transport): Promise<Frame[]> {
  const frames: Frame[] = [];
  for await (const frame of subscribeFrames(url, { from: 0, transport })) frames.push(frame);
  return frames;
}

/** Collects the lines of an events channel, until it ends. */
export async function collectEvents(url: string, transport: Transport): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for await (const segment of subscribe(url, { from: 0, transport })) {
    let text = '';
    for await (const chunk of segment.chunks) text += new TextDecoder().decode(chunk);
    for (const line of text.split('\n')) if (line !== '') lines.push(JSON.parse(line));
  }
  return lines;
}

/** Publishes frames `everyMs` apart and closes the channel. */
export async function publishAll(
  url: string,
  frames: readonly Frame[],
  everyMs: number,
  transport: Transport,
): Promise<void> {
  await using publisher = publishFrames(url, { start: 0, transport });
  for (const frame of frames) {
    await publisher.write(frame);
    if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
