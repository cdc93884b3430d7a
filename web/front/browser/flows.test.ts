// SPDX-License-Identifier: MIT
// What people come for, in as few steps as it may take.
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
  server = await serve(inject('reels').planted, inject('reels').python);
});

afterAll(async () => {
  await browser?.close();
  await server?.end();
});

beforeEach(async () => {
  watched = await open(browser, server.address);
  page = watched.page;
  await page.getByRole('region', { name: 'Verdict' }).waitFor();
});

afterEach(async () => {
  expect(watched.wrongs).toEqual([]);
  await watched.close();
});

const eventsOf = () => page.evaluate(() => /[&#]t=([^&]*)/.exec(location.hash)?.[1]);

test('from opening to the function that pins the sparse pages: one key', async () => {
  await page.keyboard.press('W');
  await page
    .getByRole('region', { name: 'Verdict' })
    .getByText(/pinned: .* by log_append \(log_ring\.c:27\)/)
    .waitFor();
});

test('and to its stack in the flame graph of waste: one more', async () => {
  await page.keyboard.press('W');
  await page.getByRole('button', { name: /flame graph of pinned bytes/ }).click();
  const row = page.getByRole('row', { name: /log_append/ }).first();
  await row.waitFor();
  expect(await row.innerText()).toMatch(/MiB/);
});

test('peak to owner: one key', async () => {
  await page.keyboard.press('P');
  await page
    .getByText(/load_settings/)
    .first()
    .waitFor();
});

test('a difference of two moments: three keys', async () => {
  await page.keyboard.press('P');
  await settle(page);
  await page.keyboard.press('a');
  await page.keyboard.press('$');
  await page.keyboard.press('d');
  const row = page.getByRole('row', { name: /begin_job/ }).first();
  await expect.poll(() => row.innerText()).toMatch(/[-−]\d/);
  expect(await page.evaluate(() => location.hash)).toMatch(/mode=difference/);
});

test('a link in a fresh browser restores what was looked at', async () => {
  await goTo(page, 'v=1&t=40%&a=begin&p=classes&m=pinned&reel=1&sel=class:3&f=size:16-64');
  await page
    .getByRole('row', { current: 'true' } as never)
    .first()
    .waitFor({ state: 'attached' })
    .catch(() => undefined);
  const link = await page.evaluate(() => location.hash);
  const other = await open(browser, server.address);
  await goTo(other.page, link.slice(1));
  const textOf = (one: Page) => one.locator('main').innerText();
  expect(await other.page.evaluate(() => location.hash)).toBe(link);
  expect(await textOf(other.page)).toBe(await textOf(page));
  expect(await other.page.locator('header').innerText()).toBe(await page.locator('header').innerText());
  await other.close();
});

test('Back leads to the page before', async () => {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Map' }).click();
  await settle(page);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Sites' }).click();
  await settle(page);
  await page.goBack();
  await page
    .getByText(/% full/)
    .first()
    .waitFor();
  await page.goBack();
  await page.getByRole('region', { name: 'Verdict' }).waitFor();
});

test('thirty steps of scrubbing end where the last one leads, and each was asked for at most once', async () => {
  await goTo(page, 'v=1&t=begin&p=classes');
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/classes?') && asked.push(request.url()));
  for (let step = 0; step < 30; step++) await page.keyboard.press('L');
  await settle(page);
  await expect.poll(eventsOf).not.toBe('begin');
  expect(new Set(asked).size).toBe(asked.length);
  expect(asked.length).toBeLessThanOrEqual(30);
});

test('what is selected in one page is selected in all', async () => {
  await goTo(page, 'v=1&t=peak&p=classes');
  const row = page
    .getByRole('table', { name: /classes/i })
    .getByRole('row')
    .nth(2);
  await row.click();
  await page.getByRole('group', { name: 'Selected class' }).waitFor();
  expect(await page.evaluate(() => location.hash)).toMatch(/sel=class/);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('button', { name: 'Map' }).click();
  await page.getByRole('complementary', { name: 'Selection' }).getByText(/live/i).first().waitFor();
});

test('the keys are listed, and a command is found by its name', async () => {
  await page.keyboard.press('?');
  await page
    .getByRole('dialog')
    .getByText(/moment of most waste/)
    .waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').locator('input').first().fill('lifetimes');
  await page.keyboard.press('Enter');
  await page.getByText(/allocations are temporary/).waitFor();
});

test('a query runs only by hand', async () => {
  const asked: string[] = [];
  page.on('request', (request) => request.url().includes('/sql?') && asked.push(request.url()));
  await goTo(page, `v=1&t=peak&p=sql&q=${encodeURIComponent('SELECT 6 * 7 AS answer')}`);
  await page.getByRole('textbox', { name: 'Query' }).waitFor();
  expect(asked).toEqual([]);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('cell', { name: '42' }).waitFor();
});

test('of a long table those rows are drawn that are in sight', async () => {
  const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) SELECT i FROM n';
  await goTo(page, `v=1&t=peak&p=sql&q=${encodeURIComponent(numbers)}`);
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const rows = page.locator('tbody tr[aria-rowindex]');
  await page.getByRole('cell', { name: '1', exact: true }).waitFor();
  expect(await rows.count()).toBeLessThan(200);
  await page
    .locator('.table')
    .filter({ has: page.locator('tbody tr[aria-rowindex]') })
    .evaluate((scroller) => scroller.scrollTo(0, scroller.scrollHeight));
  await page.getByRole('cell', { name: '900', exact: true }).waitFor();
  expect(await rows.count()).toBeLessThan(200);
  expect(await rows.last().getAttribute('aria-rowindex')).toBe('901');
});

test('which stacks make short-lived blocks, and one of them selected', async () => {
  await goTo(page, 'v=1&t=peak&p=lifetimes');
  await page.getByRole('group', { name: 'Legend' }).getByText('0', { exact: true }).waitFor();
  const table = page.getByRole('table', { name: 'Lifetimes by stack' });
  const row = table.getByRole('row', { name: /log_append/ }).first();
  expect(await row.innerText()).toMatch(/\d (ns|us|ms|s) to /);
  await row.click();
  expect(await page.evaluate(() => location.hash)).toMatch(/sel=stack:\d/);
});

test('the parts of the resident bytes are drawn over time, and each can be left out', async () => {
  const legend = page.getByRole('group', { name: 'Legend of the timeline' });
  const plot = page.locator('.curve .u-over');
  const tip = page.locator('.tip');
  const told = async () => {
    await plot.hover({ position: { x: 300, y: 20 } });
    await plot.hover({ position: { x: 301, y: 20 } });
    return tip.innerText();
  };
  await expect.poll(told, { timeout: 30_000 }).toMatch(/pinned \d/);
  const drawn = () => page.locator('.curve canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  const before = await drawn();
  await legend.getByRole('button', { name: 'requested' }).click();
  expect(await legend.getByRole('button', { name: 'requested' }).getAttribute('aria-pressed')).toBe('false');
  await expect.poll(drawn, { timeout: 10_000 }).not.toBe(before);
  await legend.getByRole('button', { name: 'parts' }).click();
  await legend.getByRole('button', { name: 'pinned' }).waitFor({ state: 'detached' });
});
