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
  await goTo(page, 'v=1&t=peak&p=stacks&shape=flames&reel=1');
  const crumbs = page.getByRole('navigation', { name: 'Zoomed into' }).getByRole('button');
  const frames = page.locator('.flame g.frame');
  const goInto = (place: number) => frames.nth(place).click({ position: { x: 4, y: 6 } });
  await goInto(1);
  await expect.poll(hash).toMatch(/focus=[0-9a-f]{8}/);
  const first = await hash();
  const depth = await crumbs.count();
  await goInto(3);
  await expect.poll(() => crumbs.count()).toBeGreaterThan(depth);
  const second = await hash();
  const other = await open(browser, server.address);
  await goTo(other.page, second.slice(1));
  await other.page.locator('.flame g.frame').first().waitFor();
  const way = (one: Page) => one.getByRole('navigation', { name: 'Zoomed into' }).innerText();
  expect(await way(other.page)).toBe(await way(page));
  expect(await other.page.getByRole('treegrid').count()).toBe(0);
  await other.close();
  await page.goBack();
  await expect.poll(hash).toBe(first);
  await expect.poll(() => crumbs.count()).toBe(depth);
  await page.goBack();
  await expect.poll(() => crumbs.count()).toBe(1);
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
