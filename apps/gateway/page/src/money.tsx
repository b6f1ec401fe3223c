import type { Amount } from './api-types.ts';
import { grouped, usd } from './format.ts';
import { receipt, session, status } from './store.ts';

function Sum({ label, amount, id }: { label: string; amount: Amount; id: string }) {
  return (
    <div class="sum">
      <dt>{label}</dt>
      <dd>
        <span class="big number" data-testid={id}>
          {usd(amount.usd)}
        </span>
        <span class="number">{amount.eth} ETH</span>
        <span class="quiet number">{grouped(amount.wei)} wei</span>
      </dd>
    </div>
  );
}

/** Price, payments and spend, live; the receipt at the end. */
export function Money() {
  const price = session.value?.price;
  const last = receipt.value;
  const paid = last?.paid ?? status.value?.paid ?? session.value?.paid;
  return (
    <section class="card" aria-label="Money">
      <h2>{last === null ? 'Spend' : 'Receipt'}</h2>
      {session.value === null || paid === undefined ? (
        <p class="quiet">Nothing is being paid.</p>
      ) : (
        <dl class="money">
          <Sum label="Paid" amount={paid} id="paid" />
          {last !== null && (
            <Sum label={`Fee for ${Number(last.seconds).toFixed(1)} s`} amount={last.fee} id="fee" />
          )}
          <div class="sum">
            <dt>Price</dt>
            <dd>
              {price === undefined || price === null ? (
                <span>free</span>
              ) : (
                <>
                  <span class="number">
                    {price.usdPerHour === null ? '—' : `$${Number(price.usdPerHour).toFixed(4)}`} an hour
                  </span>
                  <span class="quiet number">
                    {price.weiPerSecond === null
                      ? price.unit
                      : `${grouped(price.weiPerSecond.replace(/\.?0+$/, ''))} wei a second`}
                  </span>
                </>
              )}
            </dd>
          </div>
          <div class="sum">
            <dt>Payments</dt>
            <dd>
              <span class="number" data-testid="payments">
                {(last ?? status.value ?? session.value)?.payments} with{' '}
                {(last ?? status.value ?? session.value)?.tickets} tickets
              </span>
              {last !== null && <span class="quiet">ended: {last.reason}</span>}
            </dd>
          </div>
        </dl>
      )}
    </section>
  );
}
