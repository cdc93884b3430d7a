// SPDX-License-Identifier: MIT
// Every page on reels of real programs and of a planted culprit: it shows figures, nothing goes wrong, and axe finds
// nothing serious in either theme.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { goTo, launch, open, settle } from './support/chromium';
import type { Watched } from './support/chromium';
import { serve } from './support/server';
import type { Server } from './support/server';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What has to stand on the page, whatever the program. */
const shown: Record<string, RegExp> = {
  overview: /resident/,
  classes: /Rounding|rounding/,
  map: /% full/,
  stacks: /Share/,
  sites: /Live|live/,
  lifetimes: /Freed/,
  blocks: /0x[0-9a-f]+/,
  findings: /Nothing that the recording knows of/,
  processes: /exit 0/,
  compare: /resident/,
  sql: /heap_at/,
  export: /heapreel report/,
};

let browser: Browser;
let server: Server;
const names = ['planted', 'python', 'sqlite'] as const;

beforeAll(async () => {
  const reels = inject('reels');
  browser = await launch();
  server = await serve(...names.map((name) => reels[name]));
});

afterAll(async () => {
  await browser?.close();
  await server?.end();
});

async function seriousOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const axe = (globalThis as unknown as { axe: typeof import('axe-core') }).axe;
    const { violations } = await axe.run();
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return serious.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)}`));
  });
}

describe.each(names.map((name, number) => ({ name, number })))('$name', ({ number }) => {
  let watched: Watched;
  beforeAll(async () => {
    watched = await open(browser, server.address);
  });
  afterAll(() => watched?.close());

  test.each(Object.entries(shown))('%s', async (name, words) => {
    await goTo(watched.page, `v=1&t=peak&p=${name}&reel=${number}`);
    await watched.page.getByText(words).first().waitFor({ state: 'attached' });
    expect(await watched.page.locator('.note.refusal').allInnerTexts()).toEqual([]);
    expect(watched.wrongs).toEqual([]);
  });
});

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  test.each(Object.keys(shown))('axe: %s', async (name) => {
    const { page, close } = await open(browser, server.address, { colorScheme });
    await goTo(page, `v=1&t=peak&p=${name}&sel=class:8`);
    await settle(page);
    expect(await seriousOf(page)).toEqual([]);
    await close();
  });
});

test.each([
  [1400, 900],
  [700, 900],
  [390, 800],
])('nothing is wider than a screen of %i x %i', async (width, height) => {
  const { page, close } = await open(browser, server.address, { viewport: { width, height } });
  for (const name of Object.keys(shown)) {
    await goTo(page, `v=1&t=peak&p=${name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide, name).toBeLessThanOrEqual(0);
  }
  await close();
});

test('on a narrow screen most of the height is the page itself, and the chosen page is among the tabs in sight', async () => {
  const { page, close } = await open(browser, server.address, { viewport: { width: 390, height: 800 } });
  await goTo(page, 'v=1&t=peak&p=export');
  const top = await page.locator('main').evaluate((main) => main.getBoundingClientRect().top);
  expect(top).toBeLessThan(800 / 3);
  const tab = page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Export' });
  const { left, right } = await tab.evaluate((one) => one.getBoundingClientRect().toJSON() as DOMRect);
  expect([left >= 0, right <= 390]).toEqual([true, true]);
  await close();
});
