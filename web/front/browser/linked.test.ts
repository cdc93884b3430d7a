// SPDX-License-Identifier: MIT
// What is chosen on one page shows on the others, and in the link.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { goTo, launch, open, settle } from './support/chromium';
import type { Watched } from './support/chromium';
import { serve } from './support/server';
import type { Server } from './support/server';

let browser: Browser;
let server: Server;
let watched: Watched;
let page: Page;

beforeAll(async () => {
  browser = await launch();
  server = await serve(inject('reels').planted, inject('reels').python, inject('reels').zoned);
});

afterAll(async () => {
  await browser?.close();
  await server?.end();
});

beforeEach(async () => {
  watched = await open(browser, server.address);
  page = watched.page;
});

afterEach(async () => {
  expect(watched.wrongs).toEqual([]);
  await watched.close();
});

const hash = () => page.evaluate(() => location.hash);

test('Back leads out of a call tree frame by frame, and a link into it', async () => {
  await goTo(page, 'v=1&t=peak&p=stacks');
  const way = (one: Page) => one.getByRole('navigation', { name: 'Zoomed into' });
  const goInto = (name: RegExp) => page.getByRole('row', { name }).first().click();
  await goInto(/^main/);
  await expect.poll(hash).toMatch(/focus=[0-9a-f]{8}/);
  const first = await hash();
  await goInto(/begin_job/);
  await expect.poll(() => way(page).innerText()).toMatch(/begin_job/);
  const other = await open(browser, server.address);
  await goTo(other.page, `${(await hash()).slice(1)}&shape=icicle`);
  await expect.poll(() => way(other.page).innerText()).toBe(await way(page).innerText());
  expect(await other.page.getByRole('treegrid').count()).toBe(0);
  await other.close();
  await page.goBack();
  await expect.poll(hash).toBe(first);
  await expect.poll(() => way(page).innerText()).not.toMatch(/begin_job/);
  await page.goBack();
  await expect.poll(() => way(page).getByRole('button').count()).toBe(1);
});

test('a frame that a moment does not have is gone into again where it is', async () => {
  await goTo(page, 'v=1&t=peak&p=stacks');
  await page
    .getByRole('row', { name: /begin_job/ })
    .first()
    .click();
  const way = page.getByRole('navigation', { name: 'Zoomed into' });
  await expect.poll(() => way.innerText()).toMatch(/begin_job/);
  await page.keyboard.press('^');
  await settle(page);
  expect(await hash()).toMatch(/focus=/);
  await page.keyboard.press('P');
  await expect.poll(() => way.innerText()).toMatch(/begin_job/);
});

/** Colours in the map's canvas, each with its number of pixels. */
const coloursOf = () =>
  page.locator('.map-sheet canvas').evaluate((canvas: HTMLCanvasElement) => {
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const found: Record<string, number> = {};
    for (let at = 0; at < pixels.length; at += 4) {
      const colour = `${pixels[at]} ${pixels[at + 1]} ${pixels[at + 2]}`;
      found[colour] = (found[colour] ?? 0) + 1;
    }
    return found;
  });

test('a filter of a function turns the pages grey that have no block of it, and no page vanishes', async () => {
  await goTo(page, 'v=1&t=peak&p=map');
  const legend = page.getByRole('group', { name: 'Legend', exact: true });
  await legend.waitFor();
  const before = await coloursOf();
  await goTo(page, 'v=1&t=peak&p=map&f=fn:log_append');
  await legend.getByText('others').waitFor();
  const after = await coloursOf();
  const grey = await page.evaluate(() => {
    const probe = document.createElement('i');
    probe.style.color = getComputedStyle(document.documentElement).getPropertyValue('--untouched');
    document.body.append(probe);
    const [, red, green, blue] = /(\d+), (\d+), (\d+)/.exec(getComputedStyle(probe).color) ?? [];
    probe.remove();
    return `${red} ${green} ${blue}`;
  });
  const more = (after[grey] ?? 0) - (before[grey] ?? 0);
  const less = Object.keys(before).reduce(
    (sum, each) => sum + Math.max(0, (before[each] ?? 0) - (after[each] ?? 0)),
    0,
  );
  expect(more).toBeGreaterThan(0);
  expect(Math.abs(more - less)).toBeLessThan(less / 10 + 20);
});

test('classes tell what a filter leaves of them; without one nothing is asked for it', async () => {
  await goTo(page, 'v=1&t=peak&p=classes&f=fn:log_append');
  const table = page.getByRole('table', { name: 'Size classes at the moment' });
  await table.getByRole('button', { name: /^Passing/ }).waitFor();
  const shares = await table
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => ({ isDim: row.classList.contains('is-dim'), passing: row.children[5]?.textContent ?? '' })),
    );
  expect(shares.some(({ isDim, passing }) => !isDim && passing !== '0 B')).toBe(true);
  expect(shares.some(({ isDim, passing }) => isDim && passing === '0 B')).toBe(true);
  await page.getByText(/Paler: classes without a block that passes/).waitFor();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname.replace(/.*\//, '')));
  await goTo(page, 'v=1&t=peak&p=classes');
  await expect.poll(() => table.getByRole('button', { name: /^Passing/ }).count()).toBe(0);
  for (let step = 0; step < 5; step++) await page.keyboard.press('H');
  await settle(page);
  expect(asked).not.toContain('passing_classes');
});

test('classes stand under the zones that they lie in, in time and at the moment', async () => {
  await goTo(page, 'v=1&t=peak&p=classes&reel=2');
  const table = page.getByRole('table', { name: 'Size classes at the moment' });
  await table.getByRole('rowheader', { name: 'Zones of one class each' }).waitFor();
  const titles = await table.getByRole('rowheader').allInnerTexts();
  expect(titles.length).toBe(new Set(titles).size);
  await goTo(page, 'v=1&t=peak&p=classes');
  await page.getByText(/No zones to group classes by/).waitFor();
  expect(await table.getByRole('rowheader').count()).toBe(0);
});

test('a page that cannot be filtered says so', async () => {
  await goTo(page, 'v=1&t=peak&p=stacks&f=size:64');
  await page.getByText('(size:64: not on this page)').waitFor();
  await goTo(page, 'v=1&t=peak&p=map&f=size:64');
  await expect.poll(() => page.locator('.chips').innerText()).toMatch(/^size:64/);
});
