export type { Ratio } from './ratio.ts';
