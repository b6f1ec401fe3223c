import { decimal, defineOptions, integer, toggle } from '@lp/service';
import { options } from '../options.ts';

const { keystoreFile, account, password, keystorePassword, rpcUrl, controller } = options.rows;

const common = {
  keystoreFile,
  account,
  password,
  keystorePassword,
  rpcUrl,
  controller,
  confirmations: integer({
    describe: 'Blocks to wait for, that of the transaction counted.',
    min: 1,
    max: 1000,
    default: '3',
  }),
  dryRun: toggle({ describe: 'Show what would be sent and what it costs, and send nothing.' }),
  yes: toggle({ describe: 'Send without asking.' }),
};

const PREFIX = 'LP_SIGNER';

/** `lp-signer fund` */
export const fundOptions = defineOptions({
  name: 'lp-signer fund',
  prefix: PREFIX,
  describe:
    "Moves ETH of the account into its deposit and reserve on Livepeer's TicketBroker. Cancels an unlock in progress.",
  rows: {
    depositEth: decimal({
      describe: 'ETH to add to the deposit, which tickets are paid from.',
      default: '0',
    }),
    reserveEth: decimal({ describe: 'ETH to add to the reserve, which backs the deposit.', default: '0' }),
    ...common,
  },
});

/** `lp-signer unlock` */
export const unlockOptions = defineOptions({
  name: 'lp-signer unlock',
  prefix: PREFIX,
  describe:
    'Begins the unlock period, after which deposit and reserve can be withdrawn. Orchestrators refuse tickets shortly before it ends.',
  rows: { cancel: toggle({ describe: 'Take back an unlock that is in progress.' }), ...common },
});

/** `lp-signer withdraw` */
export const withdrawOptions = defineOptions({
  name: 'lp-signer withdraw',
  prefix: PREFIX,
  describe: 'Takes the whole deposit and reserve out, after the unlock period.',
  rows: common,
});

/** What every one of them has. */
export interface AccountConfig {
  readonly keystoreFile: string | undefined;
  readonly account: `0x${string}` | undefined;
  readonly password: string | undefined;
  /** Where there is no file of it. */
  readonly keystorePassword: string | undefined;
  readonly rpcUrl: string;
  readonly controller: `0x${string}`;
  readonly confirmations: number;
  readonly dryRun: boolean;
  readonly yes: boolean;
}
