/** An exact fraction in lowest terms; `d > 0`. */
export type Ratio = { readonly n: bigint; readonly d: bigint };
