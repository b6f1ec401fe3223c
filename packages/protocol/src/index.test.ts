import { expect, it } from 'vitest';
import * as protocol from './index.ts';

it('exports what it says, and nothing by accident', () => {
  expect(Object.keys(protocol).toSorted()).toMatchSnapshot();
});
