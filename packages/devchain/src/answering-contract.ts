/**
 * Byte code of tiny contracts that answer fixed bytes to given calls, for what `@livepeer/sdk` has no artifact of: the
 * price feed and the cache of the L1 token supply. Written by hand because there is no compiler here.
 *
 * @module
 */

/** One call a contract answers. */
export interface FixedAnswer {
  /** Four bytes, `0x` hex. */
  readonly selector: string;
  /** ABI-encoded result, `0x` hex. */
  readonly result: string;
  /** Byte offset in the result that the block's timestamp replaces, as one word. */
  readonly timestampAt?: number;
}

const hex = (value: number, bytes: number): string => value.toString(16).padStart(2 * bytes, '0');
const push1 = (value: number): string => `60${hex(value, 1)}`;
const push2 = (value: number): string => `61${hex(value, 2)}`;

const MSTORE = '52';
const DUP1 = '80';
const EQ = '14';
const JUMPI = '57';
const JUMPDEST = '5b';
const CODECOPY = '39';
const RETURN = 'f3';
const REVERT = 'fd';
const TIMESTAMP = '42';
/** CALLDATALOAD(0) >> 224: the selector stays on the stack. */
const SELECTOR = `${push1(0)}35${push1(224)}1c`;
const REVERT_EMPTY = `${push1(0)}${push1(0)}${REVERT}`;

/** DUP1 PUSH4 EQ PUSH2 JUMPI: jumps to `target` when the selector matches. */
const branch = (selector: string, target: number): string =>
  `${DUP1}63${selector.slice(2)}${EQ}${push2(target)}${JUMPI}`;
const BRANCH_BYTES = 11;
const length = (code: string): number => code.length / 2;

/** Copies the result from the end of the code to memory, sets the time where asked for, returns it. */
function answerBlock(answer: FixedAnswer, dataOffset: number): string {
  const size = length(answer.result.slice(2));
  const stamp = answer.timestampAt === undefined ? '' : `${TIMESTAMP}${push2(answer.timestampAt)}${MSTORE}`;
  return [
    JUMPDEST,
    `${push2(size)}${push2(dataOffset)}${push1(0)}${CODECOPY}`,
    stamp,
    `${push2(size)}${push1(0)}${RETURN}`,
  ].join('');
}

/** Run-time code of a contract that gives each answer to its selector and reverts on any other call. */
export function answeringContract(answers: readonly FixedAnswer[]): string {
  // Sizes do not depend on the offsets, which all take two bytes: lay out with zeros first.
  const blockSizes = answers.map((answer) => length(answerBlock(answer, 0)));
  let block = length(SELECTOR) + BRANCH_BYTES * answers.length + length(REVERT_EMPTY);
  let data = block + blockSizes.reduce((sum, size) => sum + size, 0);
  let branches = '';
  let blocks = '';
  let results = '';
  answers.forEach((answer, index) => {
    branches += branch(answer.selector, block);
    blocks += answerBlock(answer, data);
    results += answer.result.slice(2);
    block += blockSizes[index] ?? 0;
    data += length(answer.result.slice(2));
  });
  return `0x${SELECTOR}${branches}${REVERT_EMPTY}${blocks}${results}`;
}
