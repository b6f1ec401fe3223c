import type { Hex } from '@lp/pm';
import {
  authTokenIssuer,
  HeaderRefusal,
  inspectPayment,
  memoryNonces,
  receiveTickets,
  recipientRandSource,
} from '@lp/pm/recipient';
import {
  encodePaymentResult,
  formatChallenge,
  HEADERS,
  type OrchestratorInfo,
  type PriceInfo,
  parseJson,
} from '@lp/protocol';
import type { HttpRequest } from '@lp/runtime';
import type { RouteReply } from '@lp/runtime/testing';
import { bodyText, headerOf, nodeError, nodeJson, nodeText } from './node-http.ts';
import { credit, debit, openAccount, type TestAccount } from './test-account.ts';
import type { TestOrchestrator, TestOrchestratorOptions } from './test-orchestrator-types.ts';
import { issueChallenge, issueInfo, type TermsOptions } from './test-terms.ts';

const RECIPIENT: Hex = `0x${'0c'.repeat(20)}`;

/** An orchestrator over `@lp/pm/recipient`, with upstream's order of effects (live-runner.md sections 7 to 9). */
export function testOrchestrator(options: TestOrchestratorOptions): TestOrchestrator {
  const { clock, random, chain, signal } = options;
  const url = options.url ?? 'http://orchestrator.test:8935';
  const route = options.route ?? 'runner_a';
  const debitMs = options.debitMs ?? 5_000;
  const price = options.price ?? { pricePerUnit: 1_000_000_000n, pixelsPerUnit: 1n };
  const accounts = new Map<string, TestAccount>();
  const sessions = new Set<string>();
  const ended = new Map<string, string>();
  const shortDebits: string[] = [];
  const payments: { path: string; status: number }[] = [];
  const scripted: { pathEnd: string; reply: RouteReply }[] = [];
  /** Senders with a map in the ledger, and sessions with a recorded price. */
  const senders = new Set<string>();
  const recorded = new Map<string, PriceInfo>();
  const secrets = () => ({
    rand: recipientRandSource(random.bytes(32)),
    tokens: authTokenIssuer(random.bytes(32)),
    nonces: memoryNonces(),
  });
  let own = secrets();

  const nowSeconds = (): bigint => BigInt(Math.floor(clock.wallMs() / 1000));
  const terms = (quoted: PriceInfo): TermsOptions => ({
    url,
    recipient: RECIPIENT,
    ticketEv: self.ticketEv,
    price: quoted,
    chain,
    random,
    rand: own.rand,
    tokens: own.tokens,
    nowSeconds: nowSeconds(),
  });
  const challenge = (sender: Hex, quoted: PriceInfo, manifestId?: string, generic = false): string => {
    const issued = issueChallenge(sender, terms(quoted), manifestId);
    const paymentUrl = generic
      ? `${url}/payment`
      : `${url}/apps/${route}/session/${issued.manifestId}/payment`;
    return formatChallenge({
      ...issued,
      orchestrator: url,
      paymentUrl,
      ...(options.paymentIntervalMs === undefined ? {} : { paymentIntervalMs: options.paymentIntervalMs }),
    });
  };

  const release = (manifestId: string, reason: string): void => {
    if (sessions.delete(manifestId)) ended.set(manifestId, reason);
  };

  const meter = async (account: TestAccount): Promise<void> => {
    for (;;) {
      await clock.sleep(debitMs, signal);
      // The loop ends for good when the runner is not ready: upstream's defect (live-runner.md section 8.3).
      if (!sessions.has(account.manifestId) || !self.ready) return;
      if (!debit(account, clock.monotonicNs())) {
        shortDebits.push(account.manifestId);
        release(account.manifestId, 'insufficient-balance');
        return;
      }
    }
  };

  const recordPrice = (sender: string, manifestId: string, expected: PriceInfo | undefined): void => {
    if (expected === undefined || recorded.has(manifestId)) return;
    if (self.basePriceAnswers && !senders.has(sender)) return;
    recorded.set(manifestId, expected);
  };

  /** Steps 7 and 8 of live-runner.md section 7. */
  const inspect = (request: HttpRequest) =>
    inspectPayment(
      { payment: headerOf(request, HEADERS.payment), segment: headerOf(request, HEADERS.segment) },
      { tokens: own.tokens, now: nowSeconds() },
    );

  /** Tickets one by one, with a pause between them, as unlocked code runs; the error is remembered per request. */
  const takeTickets = async (
    { payment, segment, sender }: ReturnType<typeof inspect>,
    account: TestAccount,
  ): Promise<string | undefined> => {
    recordPrice(sender, segment.manifestId, payment.expectedPrice);
    const { nonces, rand } = own;
    let failure: string | undefined;
    for (const ticket of payment.ticketSenderParams) {
      if (self.ticketMs > 0) await clock.sleep(self.ticketMs);
      const received = receiveTickets(
        { ...payment, ticketSenderParams: [ticket] },
        {
          recipient: RECIPIENT,
          l1Block: chain.l1Block(),
          lastInitializedRound: chain.round,
          sender: {
            deposit: chain.deposit,
            withdrawRound: chain.withdrawRound,
            reserve: { fundsRemaining: chain.reserve, claimedInCurrentRound: 0n },
          },
          rand,
          nonces,
        },
      );
      if (received.refusal?.fatal === true) return received.refusal.text;
      if (received.refusal !== undefined) failure = received.refusal.text;
      else if (failure === undefined) {
        credit(account, received.creditedQuanta, received.credited);
        senders.add(sender);
      }
    }
    return failure;
  };

  const reserve = async (request: HttpRequest): Promise<RouteReply> => {
    if (!self.ready) return nodeText(404, 'runner not found');
    if (
      headerOf(request, HEADERS.payment) === undefined &&
      headerOf(request, HEADERS.segment) === undefined
    ) {
      const payer = (headerOf(request, HEADERS.payerAddress) ?? '').replace(/^0x/i, '').toLowerCase();
      if (!/^[0-9a-f]{40}$/.test(payer)) {
        return nodeError(402, 'invalid live runner payment signer address');
      }
      const body = challenge(`0x${payer}`, self.price);
      return { status: 402, headers: { 'content-type': 'application/json' }, body };
    }
    const checked = inspect(request);
    const { manifestId } = checked.segment;
    if (manifestId !== checked.segment.authToken?.sessionId) {
      return nodeText(403, 'mismatched manifest and auth token');
    }
    if (self.unit === 'fixed') {
      const expected = checked.payment.expectedPrice;
      if (expected?.pricePerUnit !== self.price.pricePerUnit || expected.pixelsPerUnit !== 1n) {
        return nodeText(400, 'payment price does not match live runner price');
      }
    }
    if (sessions.has(manifestId)) return nodeText(409, 'session already exists');
    if (sessions.size >= self.capacity) return nodeError(503, 'no capacity available for runner');
    const account = openAccount(manifestId, {
      unit: self.unit,
      price: checked.payment.expectedPrice ?? self.price,
      nowNs: clock.monotonicNs(),
    });
    accounts.set(manifestId, account);
    sessions.add(manifestId);
    const failure = await takeTickets(checked, account);
    if (failure !== undefined) {
      release(manifestId, 'payment-rejected');
      return nodeText(400, failure);
    }
    if (self.unit !== 'fixed') {
      // Ends by its signal or with the session; the simulation's end rejects its sleep.
      meter(account).catch(() => {});
    }
    const control = `${url}/apps/${route}/session/${manifestId}`;
    return nodeJson(200, { session_id: manifestId, app_url: `${control}/app`, control_url: control });
  };

  const missing = (manifestId: string): RouteReply | undefined => {
    if (!self.ready) return nodeText(404, 'runner not found');
    if (sessions.has(manifestId)) return undefined;
    const reason = ended.get(manifestId);
    return nodeText(
      404,
      'runner session not found',
      (options.reasons ?? true) && reason !== undefined ? { [HEADERS.sessionEnded]: reason } : {},
    );
  };

  const pay = async (request: HttpRequest, manifestId: string): Promise<RouteReply> => {
    const gone = missing(manifestId);
    if (gone !== undefined) return gone;
    if (self.unit === 'fixed') {
      return nodeText(409, 'fixed-price live runner sessions do not accept follow-up payments');
    }
    const checked = inspect(request);
    if (checked.segment.manifestId !== manifestId)
      return nodeText(403, 'mismatched session and payment manifest');
    return takePayment(checked);
  };

  const takePayment = async (checked: ReturnType<typeof inspect>): Promise<RouteReply> => {
    const { segment, sender } = checked;
    const account = accounts.get(segment.manifestId);
    if (account === undefined || segment.authToken === undefined)
      return nodeText(500, 'Internal Server Error');
    // Built before the tickets are looked at: the price of this payment is not yet known to it.
    const quoted = recorded.get(segment.manifestId) ?? self.basePrice;
    const info: OrchestratorInfo = { ...issueInfo(sender, terms(quoted)), authToken: segment.authToken };
    const failure = await takeTickets(checked, account);
    if (failure !== undefined) return nodeText(400, failure);
    return { status: 200, body: encodePaymentResult({ info }) };
  };

  const refresh = (request: HttpRequest): RouteReply => {
    const { sender, manifest_id: manifestId } = parseJson(bodyText(request)) as Record<string, string>;
    if (sender === undefined || !/^0x[0-9a-fA-F]{40}$/.test(sender)) return nodeError(400, 'invalid sender');
    if (manifestId === undefined || manifestId === '') return nodeError(400, 'missing manifest_id');
    const fixed = recorded.get(manifestId);
    if (fixed === undefined) return nodeError(409, 'fixed price not found for session');
    const body = challenge(sender.toLowerCase() as Hex, fixed, manifestId, true); // matched above
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  };

  const dispatch = async (request: HttpRequest): Promise<RouteReply> => {
    const path = new URL(request.url).pathname;
    const base = `/apps/${route}/session`;
    if (path === '/discovery') return nodeJson(200, discovery());
    if (path === '/refresh-payment') return refresh(request);
    if (path === '/payment') return takePayment(inspect(request));
    if (path === base) return reserve(request);
    if (!path.startsWith(`${base}/`)) return nodeText(404, 'runner not found');
    const [manifestId = '', action = ''] = path.slice(base.length + 1).split('/');
    switch (action) {
      case 'payment': {
        const reply = await pay(request, manifestId);
        if (headerOf(request, HEADERS.payment) !== undefined)
          payments.push({ path, status: reply.status ?? 200 });
        return reply;
      }
      case 'stop':
        release(manifestId, 'stopped-by-client');
        return { status: 204 };
      case 'app':
        return missing(manifestId) ?? nodeJson(200, { path });
      default:
        return nodeText(404, 'not found');
    }
  };

  const discovery = (): unknown => [
    {
      address: url,
      runners: [
        {
          url: `${url}/apps/${route}/session`,
          app: options.app ?? 'lp/edges',
          mode: 'persistent',
          capacity: self.capacity,
          capacity_used: sessions.size,
          capacity_available: Math.max(1, self.capacity - sessions.size),
          price_info: {
            price: self.price.pricePerUnit / self.price.pixelsPerUnit,
            currency: 'wei',
            unit: self.unit,
          },
        },
      ],
    },
  ];

  const self: TestOrchestrator = {
    url,
    runnerUrl: `${url}/apps/${route}/session`,
    accounts,
    sessions,
    shortDebits,
    payments,
    price,
    basePrice: { pricePerUnit: price.pricePerUnit * 3n, pixelsPerUnit: price.pixelsPerUnit },
    unit: options.unit ?? 'seconds',
    ticketEv: options.ticketEv ?? price.pricePerUnit / price.pixelsPerUnit,
    capacity: 10,
    ready: true,
    down: false,
    basePriceAnswers: true,
    ticketMs: 0,
    answerNext(pathEnd, ...replies) {
      for (const reply of replies) scripted.push({ pathEnd, reply });
    },
    drop: (manifestId, reason = 'runner-lost') => release(manifestId, reason),
    restart() {
      own = secrets();
      sessions.clear();
      ended.clear();
      recorded.clear();
      senders.clear();
    },
    async handle(request) {
      const path = new URL(request.url).pathname;
      const at = scripted.findIndex(({ pathEnd }) => path.endsWith(pathEnd));
      const [script] = at === -1 ? [] : scripted.splice(at, 1);
      if (script !== undefined) return script.reply;
      try {
        return await dispatch(request);
      } catch (error) {
        if (error instanceof HeaderRefusal) return nodeText(error.status, error.message);
        throw error;
      }
    },
  };
  return self;
}
