// SPDX-License-Identifier: MIT
// The examples in tests/vectors, which the C tests read as well: what one viewer prints, the other prints too.
const files = import.meta.glob('../../../tests/vectors/*.json', { eager: true, import: 'default' });

// One subject. The caller says what stands in it.
export function vectors<Shape>(subject: string): Shape {
  const found = files[`../../../tests/vectors/${subject}.json`];
  if (found === undefined) throw new Error(`tests/vectors/${subject}.json: not there`);
  return found as Shape;
}

// A number, which stands as a string where it is above 2^53.
export type Written = number | string;

export function amount(written: Written): number | bigint {
  return typeof written === 'string' ? BigInt(written) : written;
}
