import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { certificateFindings, orchestratorServices } from './certificates.ts';

// Of nobody, for localhost, until 2036; made for this test.
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKbHSJKVk5JTcOFHR
O8//WWBqWA9jm8qlXp9weJ3Wb9ihRANCAAQ0a2uN/BROhAHiteumgRSENDJspM4+
AfkT7+ja8/rhTEtLImVT/ZVGHBLO2XoEnoSvQdCRJU9FrAqtLNvHVuNs
-----END PRIVATE KEY-----`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBlDCCATmgAwIBAgIUMdu7yjArHH/ZglZDU0ojKCZFKD0wCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyMTEyNTk1NFoXDTM2MTExODEy
NTk1NFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAENGtrjfwUToQB4rXrpoEUhDQybKTOPgH5E+/o2vP64UxLSyJlU/2VRhwS
ztl6BJ6Er0HQkSVPRawKrSzbx1bjbKNpMGcwHQYDVR0OBBYEFJcrrsHevyWMLWlt
4wPnnevkhv6KMB8GA1UdIwQYMBaAFJcrrsHevyWMLWlt4wPnnevkhv6KMA8GA1Ud
EwEB/wQFMAMBAf8wFAYDVR0RBA0wC4IJbG9jYWxob3N0MAoGCCqGSM49BAMCA0kA
MEYCIQCRUWow4TZUKZFWqW3EnE4sDJgZBvxjW7oYrfHAqw0wWAIhAKhknb5GmN2K
a57Fx4S/9hc9AMztHmNcKAM2dri21P8k
-----END CERTIFICATE-----`;

test('a certificate of no authority fails, except where it may be pinned', async () => {
  const server = createServer({ key: KEY, cert: CERT }, (_request, response) => void response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `https://localhost:${port}/`;
  const findings = await certificateFindings(
    [
      { name: 'the webhook', url },
      { name: 'an orchestrator', url, mayBeSelfSigned: true },
      { name: 'the chain', url: 'http://127.0.0.1:1' },
    ],
    1_800_000_000_000,
  );
  expect(findings).toMatchObject([
    { level: 'fail', detail: expect.stringContaining('does not hold') },
    { level: 'ok', detail: expect.stringContaining('pinned on first use') },
    { level: 'ok', detail: 'none: plain HTTP' },
  ]);
  await new Promise((resolve) => server.close(resolve));
  expect(await certificateFindings([{ name: 'gone', url }], 0)).toMatchObject([{ level: 'fail' }]);
});

test('orchestrators over TLS are named in a way that a terminal may show', () => {
  const urls = ['https://a.example:8935/\u001b[2J', 'http://b.example', 'c', 'https://u:p\n@d.example'];
  expect(orchestratorServices(urls).map(({ name }) => name)).toEqual([
    'https://a.example:8935/%1B[2J',
    '"https://u:p\\n@d.example"',
  ]);
});
