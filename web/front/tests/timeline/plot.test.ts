// SPDX-License-Identifier: MIT
// Times on the axis.
import { beforeAll, expect, test, vi } from 'vitest';

let secondsText: typeof import('../../src/timeline/plot').secondsText;
beforeAll(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  ({ secondsText } = await import('../../src/timeline/plot'));
});

test.each([
  [12, 5, '12 s'],
  [0.3, 0.1, '0.3 s'],
  [0.025, 0.025, '0.025 s'],
  [2.5, 2.5, '2.5 s'],
  [1.5e-8, 5e-9, '0.000000015 s'],
])('%d s in steps of %d', (seconds, step, text) => expect(secondsText(seconds, step)).toBe(text));
