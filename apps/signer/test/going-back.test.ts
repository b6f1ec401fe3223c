import { privateKeySigner, verifyMessage } from '@lp/pm';
import { expect, test } from 'vitest';
import { KEY, offerText, startTestSigner } from './signer-fixture.ts';

/** What Go's decoder demands of each field of RemotePaymentState (remote-signer.md section 3.1), in its order. */
const GO_FIELDS: readonly [string, RegExp][] = [
  ['StateID', /^"[^"\\]+"$/],
  ['PMSessionID', /^"0x[0-9a-f]{64}"$/],
  ['LastUpdate', /^"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{0,8}[1-9])?(Z|[+-]\d{2}:\d{2})"$/],
  ['OrchestratorAddress', /^"0x[0-9a-f]{40}"$/],
  ['App', /^".*"$/],
  ['AuthExpiry', /^-?\d{1,19}$/],
  ['SenderNonce', /^\d{1,10}$/],
  ['Balance', /^"-?\d+(\/[1-9]\d*)?"$/],
  ['InitialPricePerUnit', /^\d{1,19}$/],
  ['InitialPixelsPerUnit', /^\d{1,19}$/],
  ['Type', /^".*"$/],
  ['SequenceNumber', /^\d{1,20}$/],
  ['AuthID', /^".*"$/],
];

/** Reads a state as go-livepeer would: the struct's fields, nothing else, no whitespace. Gives the raw values. */
function readAsGo(state: string): Record<string, string> {
  const values: Record<string, string> = {};
  let rest = state;
  for (const [index, [name, format]] of GO_FIELDS.entries()) {
    const start = `${index === 0 ? '{' : ','}"${name}":`;
    expect(rest.startsWith(start)).toBe(true);
    rest = rest.slice(start.length);
    const value = /^("(?:[^"\\]|\\.)*"|-?\d+)/.exec(rest)?.[1] ?? '';
    expect(value, name).toMatch(format);
    values[name] = value;
    rest = rest.slice(value.length);
  }
  expect(rest).toBe('}');
  return values;
}

test.each([
  ['an opening', { app: 'lp/edges', type: 'live' }],
  ['characters that Go escapes', { app: 'a<b>&c\u2028"\\é', type: 'live' }],
  ['units of the caller', { app: '', type: '', inPixels: 7 }],
])('a state after %s is one that go-livepeer reads and accepts under the same key', async (_name, body) => {
  await using signer = await startTestSigner();
  const first = await signer.post('/generate-live-payment', { orchestrator: offerText(), ...body });
  expect(first.status).toBe(200);
  const [state, sig] = [first.json.state.State, first.json.state.Sig].map((text: string) =>
    Buffer.from(text, 'base64'),
  );
  const fields = readAsGo(state!.toString('utf8'));
  expect(fields).toMatchObject({ SequenceNumber: '0', SenderNonce: '1', AuthID: '""', AuthExpiry: '0' });
  expect(state!.toString('utf8')).not.toMatch(/[<>&\u2028]/);
  expect(sig).toHaveLength(65);
  expect([27, 28]).toContain(sig![64]);
  expect(verifyMessage(privateKeySigner(KEY).address, state!, sig!)).toBe(true);
});

test('a state of go-livepeer continues here, and its successor there', async () => {
  await using signer = await startTestSigner({ flags: ['--shared-key'] });
  // as go-livepeer prints it: 32-bit state id, zone of its process
  const lastUpdate = new Date(Date.now() - 12_000).toISOString().replace('Z', '+00:00');
  const theirs = Buffer.from(
    `{"StateID":"0a1b2c3d","PMSessionID":"0x${'77'.repeat(32)}","LastUpdate":"${lastUpdate}","OrchestratorAddress":"0x${'aa'.repeat(20)}","App":"","AuthExpiry":0,"SenderNonce":4,"Balance":"5","InitialPricePerUnit":3,"InitialPixelsPerUnit":1,"Type":"live","SequenceNumber":3,"AuthID":""}`,
  );
  const [sig] = await privateKeySigner(KEY).signMessages([theirs]);
  const answer = await signer.post('/generate-live-payment', {
    orchestrator: offerText(),
    type: 'live',
    ManifestID: '9f8e7d6c',
    state: { State: theirs.toString('base64'), Sig: Buffer.from(sig!).toString('base64') },
  });
  expect(answer.status).toBe(200);
  const fields = readAsGo(Buffer.from(answer.json.state.State as string, 'base64').toString('utf8'));
  expect(fields).toMatchObject({
    StateID: '"0a1b2c3d"',
    SequenceNumber: '4',
  });
  expect(fields['PMSessionID']).not.toContain('77'.repeat(32)); // that of the new params
});
