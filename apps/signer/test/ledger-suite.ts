import { createHash, randomBytes } from 'node:crypto';
import type { Hex } from '@lp/pm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Bounds, Claim, Issue, Outcome } from '../src/ledger/claim.ts';
import { SignerLedger } from '../src/ledger/signer-ledger.ts';
import { storable } from '../src/ledger/storable.ts';
import type { LedgerStore } from '../src/ledger/store.ts';

/** Stores of one ledger: opening twice gives a second instance, or the first one after a restart. */
export interface LedgerHome {
  open(): Promise<LedgerStore>;
  /** Throws everything away. */
  close(): Promise<void>;
}

const HOUR = 3_600_000;
const EV = 10n;
const IDENTITIES = ['alice', 'bob'] as const;
const MAX_WEI = 150n;

/** A state as far as the ledger looks at it. */
interface State {
  readonly stateId: string;
  readonly sequence: bigint;
  readonly bytes: Uint8Array;
  readonly identity: string;
  readonly manifestId: string;
  readonly atMs: number;
}

/** Characters that no index can compress. */
const noise = (length: number): string =>
  Array.from(randomBytes(2 * length))
    .map((_byte, at, all) =>
      String.fromCharCode(0x4e00 + (((all[2 * at] ?? 0) << 6) | ((all[2 * at + 1] ?? 0) & 63))),
    )
    .slice(0, length)
    .join('');
const sha = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const randHash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;

/** An answer to `from`, or an opening, under ticket params `params`; `variant` tells requests apart. */
export function issueFor(options: {
  readonly identity: string;
  readonly manifestId?: string;
  readonly from?: State;
  readonly params: number;
  readonly variant?: number;
  readonly nowMs: number;
  readonly firstNonce?: number;
  readonly bounds?: Bounds;
  readonly event?: boolean;
  readonly salt?: number;
}): Issue & { readonly next: State } {
  const { identity, from, params, variant = 0, nowMs, firstNonce = 1, salt = 0 } = options;
  const manifestId = options.manifestId ?? from?.manifestId ?? 'm';
  const stateId =
    from?.stateId ?? Buffer.from(sha(`${identity} ${manifestId} ${params} ${salt}`)).toString('hex');
  const sequence = from === undefined ? 0n : from.sequence + 1n;
  const request = `${from === undefined ? 'open' : Buffer.from(from.bytes).toString('hex')} ${manifestId} ${params} ${variant}`;
  const bytes = sha(`${stateId} ${sequence} ${params} ${variant} ${nowMs} ${firstNonce}`);
  const claim: Claim = {
    identity,
    stateId,
    sequence,
    opening: from === undefined ? sha(`${identity} ${manifestId} ${params}`) : undefined,
    digest: sha(request),
    presented: from?.bytes ?? new Uint8Array(),
    presentedMs: from?.atMs,
    manifestId,
    randHash: randHash(params),
    nowMs,
  };
  return {
    claim,
    state: bytes,
    firstNonce,
    tickets: 1,
    creationRound: 2n ** 70n,
    creationRoundBlockHash: randHash(7),
    usableUntilMs: nowMs + HOUR,
    salt: sha(`${request} ${nowMs} ${salt} ${Math.random()}`).subarray(0, 10),
    usage: {
      hourMs: nowMs - (nowMs % HOUR),
      identity,
      app: 'a',
      orchestrator: randHash(1),
      recipient: randHash(2),
      model: '',
      unit: 'seconds',
    },
    sums: {
      answers: 1n,
      openings: from === undefined ? 1n : 0n,
      tickets: 1n,
      units: 3n,
      evWei: EV,
      feeWei: 9n,
    },
    bounds: options.bounds ?? boundsFor(identity),
    ...(options.event === true && { event: (id) => JSON.stringify({ id: Buffer.from(id).toString('hex') }) }),
    next: { stateId, sequence, bytes, identity, manifestId, atMs: nowMs },
  };
}

function boundsFor(identity: string): Bounds {
  return {
    counters: [
      {
        key: `identity/total/${identity}`,
        of: 'identity',
        subject: identity,
        per: 'total',
        windowMs: 0,
        endsMs: undefined,
        maxWei: MAX_WEI,
        maxOpenings: undefined,
      },
    ],
    sessionMaxWei: undefined,
    prepaid: 'accounts',
  };
}

type Action =
  | { readonly do: 'open'; readonly who: number; readonly params: number; readonly variant: number }
  | {
      readonly do: 'go-on' | 'fork';
      readonly state: number;
      readonly params: number;
      readonly variant: number;
    }
  | { readonly do: 'repeat'; readonly call: number }
  | { readonly do: 'restart' | 'later' | 'much-later' | 'sweep' };

const instance = fc.nat(1);
const fate = fc.constantFrom('settle' as const, 'settle' as const, 'release' as const, 'crash' as const);
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ do: fc.constant('open' as const), who: fc.nat(1), params: fc.nat(5), variant: fc.nat(1) }),
  fc.record({
    do: fc.constantFrom('go-on' as const, 'go-on' as const, 'fork' as const),
    state: fc.nat(50),
    params: fc.nat(5),
    variant: fc.nat(1),
  }),
  fc.record({ do: fc.constant('repeat' as const), call: fc.nat(50) }),
  fc.record({
    do: fc.constantFrom('restart' as const, 'later' as const, 'much-later' as const, 'sweep' as const),
  }),
);
const step = fc.record({ action, instance, fate });

/** The tests of every ledger. */
export function ledgerSuite(newHome: () => Promise<LedgerHome>, runs: number): void {
  const withLedger = async (
    work: (ledger: SignerLedger, store: LedgerStore, home: LedgerHome) => Promise<void>,
  ) => {
    const home = await newHome();
    const store = await home.open();
    try {
      await work(new SignerLedger(store, { sharedKey: false }), store, home);
    } finally {
      await store.close();
      await home.close();
    }
  };
  const signed = (outcome: Outcome) => {
    if (outcome.kind !== 'sign') return expect.fail(JSON.stringify(outcome));
    return outcome.hold;
  };
  const nowMs = 1_800_000_000_000;

  test('every column comes back as it was', () =>
    withLedger(async (ledger) => {
      const issue = issueFor({ identity: 'älice "quoted"', params: 1, nowMs });
      ledger.settle(signed(await ledger.begin(issue)));
      expect(await ledger.begin(issue)).toEqual({
        kind: 'repeat',
        answer: expect.objectContaining({
          firstNonce: 1,
          tickets: 1,
          creationRound: 2n ** 70n,
          creationRoundBlockHash: randHash(7),
          randHash: randHash(1),
          sequence: 0n,
          identity: 'älice "quoted"',
        }),
      });
      const recalled = await ledger.recall(issue.claim);
      expect(Buffer.from(recalled?.state ?? []).equals(Buffer.from(issue.state))).toBe(true);
    }));

  test('the longest names of callers fail no transaction, and others in it not with them', () =>
    withLedger(async (ledger, store) => {
      const name = () => storable(noise(1024));
      const issue = issueFor({ identity: name(), params: 1, nowMs });
      const usage = { ...issue.usage, app: name(), model: name() };
      const counters = issue.bounds.counters.map((one) => ({ ...one, key: `app/total/${usage.app}` }));
      const bounds = { ...issue.bounds, counters };
      const outcomes = await Promise.all([
        ledger.begin({ ...issue, usage, bounds }),
        ledger.begin(issueFor({ identity: 'bob', params: 2, nowMs })),
      ]);
      for (const outcome of outcomes) ledger.settle(signed(outcome));
      const [row] = (await store.usage(0, nowMs + HOUR)).filter(({ identity }) => identity !== 'bob');
      expect(row).toMatchObject(usage);
    }));

  test('an unknown state is adopted once, while it is fresh', () =>
    withLedger(async (ledger) => {
      const opening = issueFor({ identity: 'alice', params: 1, nowMs });
      const foreign: State = { ...opening.next, sequence: 41n };
      const adopted = issueFor({ identity: 'alice', from: foreign, params: 2, nowMs });
      signed(await ledger.begin(adopted));
      expect(
        await ledger.begin(issueFor({ identity: 'alice', from: foreign, params: 2, variant: 1, nowMs })),
      ).toEqual({ kind: 'conflict', conflict: 'stale-state' });
      signed(await ledger.begin(issueFor({ identity: 'alice', from: adopted.next, params: 3, nowMs })));
      const old = issueFor({
        identity: 'bob',
        from: { ...foreign, stateId: 'x' },
        params: 4,
        nowMs: nowMs + 24 * HOUR,
      });
      expect(await ledger.begin(old)).toEqual({ kind: 'conflict', conflict: 'state-too-old' });
      const ahead = issueFor({
        identity: 'bob',
        from: { ...foreign, stateId: 'y', atMs: nowMs + HOUR },
        params: 4,
        nowMs,
      });
      expect(await ledger.begin(ahead)).toEqual({ kind: 'conflict', conflict: 'state-too-old' });
    }));

  test('a state belongs to its identity and keeps its manifest id', () =>
    withLedger(async (ledger) => {
      const { next, ...opening } = issueFor({ identity: 'alice', params: 1, nowMs });
      signed(await ledger.begin(opening));
      expect(await ledger.begin(issueFor({ identity: 'bob', from: next, params: 2, nowMs }))).toEqual({
        kind: 'conflict',
        conflict: 'foreign-state',
      });
      expect(
        await ledger.begin(issueFor({ identity: 'alice', manifestId: 'n', from: next, params: 2, nowMs })),
      ).toEqual({ kind: 'conflict', conflict: 'manifest-changed' });
    }));

  test('a session that opened without a manifest id keeps the first that is named', () =>
    withLedger(async (ledger) => {
      const go = async (from: State | undefined, manifestId: string, params: number) => {
        const issue = issueFor({ identity: 'alice', manifestId, params, nowMs, ...(from && { from }) });
        return { issue, outcome: await ledger.begin(issue) };
      };
      const opening = await go(undefined, '', 1);
      const lost = await go(opening.issue.next, 'job', 2);
      await ledger.release(signed(lost.outcome), lost.issue); // never signed: names nothing
      const first = await go(opening.issue.next, 'other', 3);
      expect(first.outcome.kind).toBe('sign');
      const changed = { kind: 'conflict', conflict: 'manifest-changed' };
      expect((await go(first.issue.next, 'job', 4)).outcome).toEqual(changed);
      expect((await go(first.issue.next, 'other', 5)).outcome.kind).toBe('sign');
    }));

  test('one successor, made anew once under other params; every older state is stale', () =>
    withLedger(async (ledger) => {
      const go = (from: State | undefined, params: number, variant = 0) => {
        const issue = issueFor({ identity: 'alice', params, variant, nowMs, ...(from && { from }) });
        return ledger.begin(issue).then(({ kind }) => ({ kind, state: issue.next }));
      };
      const opening = await go(undefined, 1);
      const first = await go(opening.state, 2);
      expect(first.kind).toBe('sign');
      expect(await go(opening.state, 2, 1)).toMatchObject({ kind: 'conflict' }); // the same params
      const anew = await go(opening.state, 3);
      expect(anew.kind).toBe('sign');
      expect(await go(opening.state, 4)).toMatchObject({ kind: 'conflict' }); // a third time
      expect(await go(first.state, 5)).toMatchObject({ kind: 'conflict' }); // what was made anew took its place
      const second = await go(anew.state, 6);
      expect(second.kind).toBe('sign');
      expect((await go(second.state, 7)).kind).toBe('sign');
      for (const [index, stale] of [opening, anew, first].entries()) {
        expect(await go(stale.state, 8 + index)).toMatchObject({ kind: 'conflict' });
      }
    }));

  test('no answer is given uncharged when it and the one made anew both fail to be signed', () =>
    withLedger(async (ledger, store) => {
      const opening = issueFor({ identity: 'alice', params: 1, nowMs });
      ledger.settle(signed(await ledger.begin(opening)));
      const first = issueFor({ identity: 'alice', from: opening.next, params: 2, nowMs });
      const anew = issueFor({ identity: 'alice', from: opening.next, params: 3, nowMs });
      const holds = [signed(await ledger.begin(first)), signed(await ledger.begin(anew))] as const;
      await ledger.release(holds[0], first);
      await ledger.release(holds[1], anew);
      expect(await ledger.begin(first)).toMatchObject({ kind: 'repeat' });
      const [usage] = await store.usage(0, nowMs + HOUR);
      expect(usage).toMatchObject({ answers: 2n, evWei: 2n * EV });
      const again = issueFor({ identity: 'alice', from: opening.next, params: 3, nowMs, firstNonce: 2 });
      signed(await ledger.begin(again)); // its turn is not used up
    }));

  test('what a crash left open and was taken back is not given again, by whichever clock', () =>
    withLedger(async (ledger, store) => {
      const issue = issueFor({ identity: 'alice', params: 1, nowMs });
      signed(await ledger.begin(issue));
      expect(await ledger.sweep(issue.usableUntilMs)).toMatchObject({ released: 0 });
      expect(await ledger.sweep(issue.usableUntilMs + 1)).toMatchObject({ released: 1 });
      expect(await ledger.begin(issue)).toEqual({ kind: 'conflict', conflict: 'answer-expired' });
      const [usage] = await store.usage(0, nowMs + HOUR);
      expect(usage).toMatchObject({ answers: 0n, openings: 0n, tickets: 0n, evWei: 0n });
    }));

  test('an answer that a crash left open and a call went on from stays charged, also when that call is not signed', () =>
    withLedger(async (dying, store, home) => {
      const other = await home.open();
      const living = new SignerLedger(other, { sharedKey: false });
      const given = issueFor({ identity: 'alice', params: 1, nowMs });
      signed(await dying.begin(given));
      const next = issueFor({ identity: 'alice', from: given.next, params: 2, nowMs });
      await living.release(signed(await living.begin(next)), next);
      expect(await living.sweep(given.usableUntilMs + 1)).toMatchObject({ released: 0 });
      expect(await store.usage(0, nowMs + HOUR)).toMatchObject([{ answers: 1n, evWei: EV }]);
      await other.close();
    }));

  test('no session is forgotten before it told which of its answers were given, however many a crash left open', () =>
    withLedger(async (dying, store, home) => {
      const other = await home.open();
      const living = new SignerLedger(other, { sharedKey: false });
      const bounds: Bounds = { counters: [], sessionMaxWei: undefined, prepaid: 'off' };
      const goOn = async (params: number) => {
        const given = issueFor({ identity: 'alice', params, nowMs, bounds });
        signed(await dying.begin(given));
        const next = issueFor({ identity: 'alice', from: given.next, params: 1000 + params, nowMs, bounds });
        living.settle(signed(await living.begin(next)));
      };
      await Promise.all(Array.from({ length: 501 }, (_, params) => goOn(params)));
      for (let sweeps = 0; sweeps < 3; sweeps++) {
        expect(await living.sweep(nowMs + 26 * HOUR)).toMatchObject({ released: 0 });
      }
      const [usage] = await store.usage(0, nowMs + HOUR);
      expect(usage).toMatchObject({ answers: 1002n, evWei: 1002n * EV });
      expect(await store.unsettledAnswers(nowMs + 26 * HOUR, 10)).toEqual([]);
      await other.close();
    }));

  test('a state that the fastest clock forgot is not adopted by the slowest', () =>
    withLedger(async (ledger) => {
      const MINUTE = HOUR / 60;
      const opening = issueFor({ identity: 'alice', params: 1, nowMs });
      ledger.settle(signed(await ledger.begin(opening)));
      // billed by a clock a minute ahead
      const ahead = { ...opening.next, atMs: nowMs + MINUTE };
      const paid = issueFor({ identity: 'alice', from: ahead, params: 2, nowMs });
      ledger.settle(signed(await ledger.begin(paid)));
      for (let minutes = 23 * 60; minutes <= 26 * 60; minutes++) {
        const now = nowMs + minutes * MINUTE;
        await ledger.sweep(now + MINUTE);
        const twice = issueFor({
          identity: 'alice',
          from: ahead,
          params: 2,
          variant: 1,
          nowMs: now - MINUTE,
        });
        expect(await ledger.recall(twice.claim)).toBe(undefined);
        expect(await ledger.begin(twice)).toMatchObject({ kind: 'conflict' });
      }
    }));

  test('a clock that was far ahead for a moment does not end the windows of limits until then', () =>
    withLedger(async (ledger) => {
      const HALF = 15n;
      const pay = (params: number, ms: number) => {
        const counter = {
          key: 'signer/hour/',
          of: 'signer' as const,
          subject: '',
          per: 'hour' as const,
          windowMs: ms - (ms % HOUR),
          endsMs: ms - (ms % HOUR) + HOUR,
          maxWei: HALF,
          maxOpenings: undefined,
        };
        const bounds: Bounds = { counters: [counter], sessionMaxWei: undefined, prepaid: 'off' };
        return ledger.begin(issueFor({ identity: 'alice', params, nowMs: ms, bounds }));
      };
      signed(await pay(1, nowMs + 9000 * HOUR));
      signed(await pay(2, nowMs));
      expect(await pay(3, nowMs)).toMatchObject({ kind: 'over' });
      signed(await pay(4, nowMs + HOUR));
      // signers whose clocks differ a little agree on the later window
      expect(await pay(5, nowMs + HOUR - 1)).toMatchObject({ kind: 'over' });
    }));

  test('an answer is given again until its hour is over', () =>
    withLedger(async (ledger) => {
      const issue = issueFor({ identity: 'alice', params: 1, nowMs });
      signed(await ledger.begin(issue));
      const at = (ms: number) => ({ ...issue, claim: { ...issue.claim, nowMs: ms } });
      expect(await ledger.begin(at(nowMs + HOUR))).toMatchObject({ kind: 'repeat' });
      expect(await ledger.begin(at(nowMs + HOUR + 1))).toEqual({
        kind: 'conflict',
        conflict: 'answer-expired',
      });
    }));

  test('two instances cannot both answer', () =>
    withLedger(async (first, _store, home) => {
      const opening = issueFor({ identity: 'alice', params: 1, nowMs });
      signed(await first.begin(opening));
      const store = await home.open();
      const second = new SignerLedger(store, { sharedKey: false });
      const rivals = [first, second, first, second].map((ledger, variant) =>
        ledger.begin(issueFor({ identity: 'alice', from: opening.next, params: 2, variant, nowMs })),
      );
      const outcomes = await Promise.all(rivals);
      expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual([
        'conflict',
        'conflict',
        'conflict',
        'sign',
      ]);
      await store.close();
    }));

  test('events wait for their answer to be signed, and leave when they were delivered', () =>
    withLedger(async (ledger, store, home) => {
      const issue = issueFor({ identity: 'alice', params: 1, nowMs, event: true });
      const hold = signed(await ledger.begin(issue));
      expect(await store.waitingEvents(10)).toEqual([]);
      ledger.settle(hold);
      await ledger.begin(issueFor({ identity: 'bob', params: 2, nowMs })); // commits what waits
      const other = await home.open();
      const [event] = await other.waitingEvents(10);
      expect(event?.event).toBe(JSON.stringify({ id: Buffer.from(hold.answerId).toString('hex') }));
      await other.removeEvents([event?.id ?? new Uint8Array()]);
      expect(await store.waitingEvents(10)).toEqual([]);
      await other.close();
    }));

  test('what expired is forgotten, the rest stays', () =>
    withLedger(async (ledger, store) => {
      for (let params = 0; params < 14; params++) {
        const identity = IDENTITIES[params % 2] ?? '';
        ledger.settle(signed(await ledger.begin(issueFor({ identity, params, nowMs }))));
      }
      const late = issueFor({ identity: 'alice', params: 99, nowMs: nowMs + 25 * HOUR });
      ledger.settle(signed(await ledger.begin(late)));
      const forget = async (ms: number) => {
        let forgotten = 0;
        for (let sweeps = 0; sweeps < 3; sweeps++) forgotten += (await ledger.sweep(ms)).forgotten;
        return forgotten;
      };
      expect(await forget(nowMs + 25 * HOUR)).toBe(14); // sessions
      expect(await forget(nowMs + 73 * HOUR)).toBe(15); // nonces, and the late session
      expect(await store.unsettledAnswers(nowMs + 99 * HOUR, 10)).toEqual([]);
    }));

  test('any calls, forks, crashes and restarts on two instances', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const home = await newHome();
        const stores = [await home.open(), await home.open()];
        let ledgers = stores.map((store) => new SignerLedger(store, { sharedKey: false }));
        let now = nowMs;
        const states: State[] = [];
        const calls: { issue: Issue & { next: State }; signedAs: Uint8Array }[] = [];
        const contents = new Map<string, string>();
        const successors = new Map<string, Set<string>>();
        const charged = new Map<string, { identity: string; untilMs: number; open: boolean; state: State }>();
        await ledgers[0]?.changeBalance({ atMs: now, identity: 'bob', wei: 90n, reference: 'r', note: '' });

        const sign = (issue: Issue & { next: State }) => {
          const nonce = `${issue.claim.randHash} ${issue.firstNonce}`;
          const content = Buffer.from(issue.state).toString('hex');
          expect(contents.get(nonce) ?? content).toBe(content); // one content for a nonce
          contents.set(nonce, content);
          const from =
            Buffer.from(issue.claim.presented).toString('hex') ||
            `open ${Buffer.from(issue.claim.opening ?? []).toString('hex')}`;
          const all = successors.get(from) ?? new Set();
          successors.set(from, all.add(content));
          expect(all.size).toBeLessThanOrEqual(2); // the answer, and one made anew
        };
        const attempt = async (
          which: number,
          make: (nonce: number) => Issue & { next: State },
          fateOf: string,
        ) => {
          const ledger = ledgers[which] as SignerLedger;
          let nonce = 1;
          for (;;) {
            const issue = make(nonce);
            const outcome = await ledger.begin(issue);
            if (outcome.kind === 'nonce-used') {
              expect(outcome.last).toBeGreaterThanOrEqual(nonce);
              nonce = outcome.last + 1;
              continue;
            }
            if (outcome.kind !== 'sign') return;
            const id = Buffer.from(outcome.hold.answerId).toString('hex');
            const { identity } = issue.claim;
            charged.set(id, { identity, untilMs: issue.usableUntilMs, open: true, state: issue.next });
            if (fateOf === 'release') {
              await ledger.release(outcome.hold, issue);
              charged.delete(id);
              return;
            }
            if (fateOf === 'crash') return; // neither signed nor settled
            sign(issue);
            ledger.settle(outcome.hold);
            charged.set(id, { identity, untilMs: Number.POSITIVE_INFINITY, open: false, state: issue.next });
            states.push(issue.next);
            calls.push({ issue, signedAs: issue.state });
            return;
          }
        };

        for (const { action: what, instance: which, fate: fateOf } of steps) {
          switch (what.do) {
            case 'open': {
              const identity = IDENTITIES[what.who] ?? '';
              await attempt(
                which,
                (firstNonce) => issueFor({ ...what, identity, nowMs: now, firstNonce }),
                fateOf,
              );
              break;
            }
            case 'go-on':
            case 'fork': {
              const from =
                what.do === 'go-on' ? states.at(-1) : states[what.state % Math.max(1, states.length)];
              if (from === undefined) break;
              const { identity } = from;
              await attempt(
                which,
                (firstNonce) => issueFor({ ...what, identity, from, nowMs: now, firstNonce }),
                fateOf,
              );
              break;
            }
            case 'repeat': {
              const call = calls[what.call % Math.max(1, calls.length)];
              if (call === undefined) break;
              const claim = { ...call.issue.claim, nowMs: now };
              const recalled = await ledgers[which]?.recall(claim);
              if (recalled === undefined) break;
              expect(Buffer.from(recalled.state).equals(Buffer.from(call.signedAs))).toBe(true);
              expect(recalled).toMatchObject({ firstNonce: call.issue.firstNonce, tickets: 1 });
              break;
            }
            case 'restart':
              await stores[which]?.close();
              stores[which] = await home.open();
              ledgers = stores.map((store) => new SignerLedger(store, { sharedKey: false }));
              break;
            case 'later':
            case 'much-later':
              // what is settled within milliseconds is settled before minutes pass
              for (const store of stores) await store.run({ keys: {}, apply: () => {} });
              now += what.do === 'later' ? HOUR / 6 : 2 * HOUR;
              break;
            case 'sweep':
              await ledgers[which]?.sweep(now);
              break;
          }
        }
        // the end of every answer that a crash left open
        now += 2 * HOUR;
        for (const ledger of ledgers)
          ledger.settle({ answerId: new Uint8Array(16), stateId: '', before: undefined });
        for (const store of stores.splice(0)) await store.close();
        const store = await home.open();
        await new SignerLedger(store, { sharedKey: false }).sweep(now);
        const usage = await store.usage(0, now + HOUR);
        const [account] = await store.accounts();
        await store.close();
        await home.close();

        for (const identity of IDENTITIES) {
          const own = [...charged.values()].filter((one) => one.identity === identity);
          const settled = BigInt(own.filter((one) => !one.open).length) * EV;
          const atMost = BigInt(own.length) * EV;
          const counted = usage
            .filter((row) => row.identity === identity)
            .reduce((sum, row) => sum + row.evWei, 0n);
          // what was signed is counted; a crashed answer only where its session went on without it
          expect(counted >= settled && counted <= atMost).toBe(true);
          expect(counted).toBeLessThanOrEqual(MAX_WEI);
          if (identity === 'bob') expect(account?.balanceWei).toBe(90n - counted);
        }
      }),
      { numRuns: runs },
    );
  });
}
