import type { Config } from '@lp/service';
import type { options } from './options.ts';

/** The options of a signer, without those that its ports were made from. */
export type SignerConfig = Omit<
  Config<(typeof options)['rows']>,
  | 'keystoreFile'
  | 'account'
  | 'password'
  | 'externalSignerUrl'
  | 'externalSignerHeaders'
  | 'rpcUrl'
  | 'controller'
  | 'logLevel'
>;
