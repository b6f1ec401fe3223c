import type { HttpResponse } from '@lp/runtime';

const MAX_TEXT = 300;

/** The orchestrator's own words in a refusal: a line of text, or the message of a JSON error (live-runner.md section 1). */
export function errorText({ status, body }: HttpResponse): string {
  const text = new TextDecoder().decode(body.subarray(0, 4096)).trim();
  const message = /^\{"error":\{"message":"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text;
  return message === '' ? `status ${status}` : message.slice(0, MAX_TEXT);
}
