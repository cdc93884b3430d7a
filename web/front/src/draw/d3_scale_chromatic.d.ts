// SPDX-License-Identifier: MIT
// What this app uses of d3-scale-chromatic, which brings no types.
declare module 'd3-scale-chromatic' {
  /** From 0 to 1; gives "rgb(r, g, b)". */
  export function interpolateCividis(share: number): string;
}
