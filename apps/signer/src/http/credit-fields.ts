import type { CreditReport } from '@lp/pm/sender';
import { formatRatio } from '@lp/pricing';
import { encodeWith, type FundingReport, fundingReport } from '@lp/protocol';

/** A credit report as field `lpFunding` of an answer. */
export function creditFields({ creditWei, ...rest }: CreditReport): Readonly<Record<string, unknown>> {
  const report: FundingReport = { creditWei: formatRatio(creditWei), ...rest };
  return encodeWith(fundingReport, report);
}
