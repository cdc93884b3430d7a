// SPDX-License-Identifier: MIT
// Colours keep their meaning: magnitude grows lighter, kinds differ, numbers and CSS name the same.
import { describe, expect, it } from 'vitest';
import { KINDS, colourOf, cssOf, kind, logarithmicShare, magnitude, magnitudes, mix, pack } from '~/draw/palette';

const lightness = (colour: number) =>
  0.2126 * (colour & 255) + 0.7152 * ((colour >>> 8) & 255) + 0.0722 * ((colour >>> 16) & 255);

describe('magnitude', () => {
  it('is lighter where there is more, at each step but for rounding', () => {
    for (let step = 1; step < magnitudes.length; step++) {
      expect(lightness(magnitudes[step] ?? 0)).toBeGreaterThan(lightness(magnitudes[step - 1] ?? 0) - 0.5);
    }
    expect(lightness(magnitude(1)) - lightness(magnitude(0))).toBeGreaterThan(150);
  });

  it('takes what is no share to the nearest', () => {
    expect(magnitude(-1)).toBe(magnitudes[0]);
    expect(magnitude(NaN)).toBe(magnitudes[0]);
    expect(magnitude(7)).toBe(magnitudes[255]);
  });
});

describe('kinds', () => {
  it('are different colours, and the same ones hatched when they are used up', () => {
    const all = Array.from({ length: KINDS }, (_, number) => kind(number));
    expect(new Set(all.map((each) => each.colour)).size).toBe(KINDS);
    expect(all.some((each) => each.isHatched)).toBe(false);
    expect(kind(KINDS)).toEqual({ colour: kind(0).colour, isHatched: true });
  });
});

describe('colours', () => {
  it('are read from all forms of CSS and written for it', () => {
    expect(colourOf('#0072b2')).toBe(pack(0, 0x72, 0xb2));
    expect(colourOf('rgb(0, 114, 178)')).toBe(colourOf(' #0072B2'));
    expect(colourOf('#fA0')).toBe(pack(0xff, 0xaa, 0));
    expect(cssOf(colourOf('#0a5ca8'))).toBe('rgb(10 92 168)');
  });

  it('mix from the first to the second', () => {
    expect(mix(pack(0, 0, 0), pack(200, 100, 50), 0.5)).toBe(pack(100, 50, 25));
    expect(mix(pack(9, 8, 7), pack(200, 100, 50), 0)).toBe(pack(9, 8, 7));
  });
});

describe('logarithmicShare', () => {
  it('is nothing for nothing, all for the greatest, and halves by powers', () => {
    expect(logarithmicShare(0, 100)).toBe(0);
    expect(logarithmicShare(5, 0)).toBe(0);
    expect(logarithmicShare(1023, 1023)).toBe(1);
    expect(logarithmicShare(31, 1023)).toBeCloseTo(0.5);
  });
});
