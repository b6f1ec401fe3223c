import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGateway, runningGateway } from '../test/running-gateway.ts';

const CHROMIUM = process.env['LP_CHROMIUM'] ?? '/usr/bin/chromium';
const required = (process.env['LP_REQUIRE'] ?? '').split(',').includes('chromium');
const built = existsSync(new URL('../dist/page/index.html', import.meta.url));

/** Where screenshots of the page go; for whoever changes its looks. */
const pictures = process.env['LP_PAGE_PICTURES'] ?? mkdtempSync(join(tmpdir(), 'lp-page-'));

describe.runIf(required || (existsSync(CHROMIUM) && built))('the page in a real browser', () => {
  let browser: Browser;
  let gateway: RunningGateway;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    gateway = await runningGateway({ maxFrameBytes: 1 << 20 });
    gateway.port.listing = {
      offers: [
        {
          orchestrator: 'https://orchestrator.example:8935',
          url: 'https://orchestrator.example/apps/1/session',
          app: 'lp/edges',
          mode: 'persistent',
          capacity: { total: 4, used: 1, available: 3 },
          price: { wei: 625_000_000_000n, per: 9n, unit: 'seconds' },
        },
      ],
      refusals: [
        {
          orchestrator: 'https://dear.example',
          runner: 'https://dear.example/apps/9/session',
          code: 'price-above-ceiling',
          message: 'costs $4.00 an hour, the ceiling is $1.00',
        },
      ],
      failures: [],
    };
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning')
        complaints.push(`${message.location().url}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(gateway.url);
  });
  afterAll(async () => {
    await browser.close();
    await gateway[Symbol.asyncDispose]();
  });

  const picture = async (name: string) =>
    writeFileSync(join(pictures, `${name}.png`), await page.screenshot({ fullPage: true }));
  const text = (id: string) => page.getByTestId(id).first().innerText();

  it('shows what is on offer and why the rest is not', async () => {
    await page.getByText('costs $4.00 an hour').waitFor();
    await page.getByRole('cell', { name: '$0.50' }).waitFor();
    await picture('idle');
  });

  it('streams the generated picture and shows output, runway and money', async () => {
    await page.getByTestId('toggle').click();
    await page.getByText('ms round trip').waitFor();
    await page.getByTestId('phase').filter({ hasText: 'running' }).first().waitFor();
    // Text, because these tests are checked without the types of a browser.
    const lit = await page.evaluate(`{
      const canvas = document.querySelector('[data-testid=output]');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      data.some((value, index) => index % 4 < 3 && value > 60);
    }`);
    expect(lit).toBe(true);
    const paid = gateway.port.opened[0]!;
    for (let payment = 0; payment < 5; payment += 1) {
      paid.fundingNow = {
        runwayMs: 14_000 + payment * 900,
        paidWei: 5_000_000_000_000n * BigInt(payment + 1),
        payments: payment + 1,
        tickets: payment + 1,
      };
      paid.emit({ type: 'payment' });
      await page
        .getByTestId('payments')
        .getByText(`${payment + 1} with`)
        .waitFor();
    }
    expect(await text('runway')).toMatch(/^17\.6/);
    expect(await text('paid')).toBe('$0.050000');
    await picture('running');
  });

  it('names faults while the rest goes on', async () => {
    const paid = gateway.port.opened[0]!;
    paid.emit({ type: 'payment-failed', runwayMs: 12_000, cause: 'the signer cannot be reached' });
    gateway.media.transform = () => undefined;
    await page.getByTestId('fault').filter({ hasText: 'payment-failed' }).waitFor();
    await page.getByTestId('fault').filter({ hasText: 'output-stalled' }).waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture('faults-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    paid.emit({ type: 'payment-recovered' });
    gateway.media.transform = (frame) => frame;
    await page.getByTestId('events').getByText('output-resumed').waitFor();
    expect(await page.getByTestId('fault').filter({ hasText: 'output-stalled' }).count()).toBeLessThanOrEqual(
      1,
    );
  });

  it('says that the gateway itself is gone, and that it is back', async () => {
    const before = complaints.length;
    await page.route('**/sessions/*/events', (route) => route.abort());
    gateway.server.server.closeAllConnections();
    await page.getByText('gateway-unreachable').waitFor();
    await page.unroute('**/sessions/*/events');
    await page.getByText('gateway-unreachable').waitFor({ state: 'detached' });
    complaints.splice(before); // what the browser says of requests that this test has cut
  });

  it('stops and shows the receipt', async () => {
    await page.getByTestId('toggle').click();
    await page.getByRole('heading', { name: 'Receipt' }).waitFor();
    await page.getByText('ended: closed-by-caller').waitFor();
    await page.getByTestId('phase').filter({ hasText: 'ready' }).first().waitFor();
    await page.setViewportSize({ width: 420, height: 900 });
    await picture('receipt-narrow');
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  it('closes the session when the page goes away', async () => {
    await page.getByTestId('toggle').click();
    await page.getByText('ms round trip').waitFor();
    await page.goto('about:blank');
    while (gateway.table.openCount > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(gateway.port.opened.at(-1)?.closes).toBeGreaterThan(0);
  });

  it('shows the description of the API within the same content policy', async () => {
    await page.goto(`${gateway.url}/docs`);
    await page.getByText('Open a paid session and start its stream').waitFor();
    await picture('docs');
  });

  it('never made the browser complain', () => {
    // The API page brings a style of its own, which the policy rightly leaves out.
    expect(complaints.filter((complaint) => !complaint.includes('/docs/static/'))).toEqual([]);
  });
});
