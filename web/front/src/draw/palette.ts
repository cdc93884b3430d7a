// SPDX-License-Identifier: MIT
// What colours mean in drawings: cividis is magnitude, Okabe and Ito's are kinds, hatching is memory that is there and
// holds nothing. All can be told apart without red and green. Colours are numbers as an ImageData holds them.
import { interpolateCividis } from 'd3-scale-chromatic';

/** Red in the lowest byte, then green, blue, and 255. */
export type Colour = number;

export function pack(red: number, green: number, blue: number): Colour {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Of "#0072b2", "#07b" or "rgb(0, 114, 178)". */
export function colourOf(css: string): Colour {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(css.trim())?.[1];
  const pairs = hex?.length === 3 ? hex.replace(/./g, '$&$&') : hex;
  const parts = pairs ? pairs.match(/../g)?.map((pair) => parseInt(pair, 16)) : css.match(/\d+/g)?.map(Number);
  return pack(parts?.[0] ?? 0, parts?.[1] ?? 0, parts?.[2] ?? 0);
}

export function cssOf(colour: Colour): string {
  return `rgb(${colour & 255} ${(colour >>> 8) & 255} ${(colour >>> 16) & 255})`;
}

const STEPS = 256;
const DARKEST = 0.1; // of cividis: what is little is not as dark as a dark theme's ground, where nothing is

/** From nothing (dark blue) to all (yellow): lightness grows with the magnitude. */
export const magnitudes: Uint32Array = Uint32Array.from({ length: STEPS }, (_, step) =>
  colourOf(interpolateCividis(DARKEST + ((1 - DARKEST) * step) / (STEPS - 1))),
);

/** Of a share from 0 to 1; what lies outside is taken to the nearest. */
export function magnitude(share: number): Colour {
  const step = share > 0 ? Math.min(Math.round(share * (STEPS - 1)), STEPS - 1) : 0;
  return magnitudes[step] ?? 0;
}

/** A kind's colour; from the ninth kind on they come once more, hatched. */
export interface Kind {
  colour: Colour;
  isHatched: boolean;
}

const okabeIto = ['#e69f00', '#56b4e9', '#009e73', '#f0e442', '#0072b2', '#d55e00', '#cc79a7', '#999999'].map(colourOf);
export const KINDS = okabeIto.length;

export function kind(number: number): Kind {
  return { colour: okabeIto[number % KINDS] ?? 0, isHatched: Math.floor(number / KINDS) % 2 === 1 };
}

/** Between two colours: 0 is the first. */
export function mix(first: Colour, second: Colour, share: number): Colour {
  const part = (shift: number) => {
    const from = (first >>> shift) & 255;
    return Math.round(from + (((second >>> shift) & 255) - from) * share);
  };
  return pack(part(0), part(8), part(16));
}

/** Where a value stands between nothing and the greatest when amounts lie powers of two apart: 0 for nothing. */
export function logarithmicShare(value: number, greatest: number): number {
  return value > 0 && greatest > 0 ? Math.min(Math.log2(1 + value) / Math.log2(1 + greatest), 1) : 0;
}
