// SPDX-License-Identifier: MIT
// A reel that somebody made to do harm: names are text, whatever they hold, and the pages stay usable.
import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { goTo, launch, open } from './support/chromium';
import { serve } from './support/server';
import type { Server } from './support/server';

const MARKUP = `</script><img src=x onerror="window.taken=1"><b>&amp;${'x'.repeat(3000)}`;
const PAGES = ['overview', 'classes', 'map', 'stacks', 'sites', 'lifetimes', 'blocks', 'findings', 'processes'];

let browser: Browser;
let server: Server;

function spoil(path: string, ...statements: string[]): string {
  execFileSync('sqlite3', [path, statements.join(';')]);
  return path;
}

function copyOf(name: string): string {
  const path = join(inject('reels').folder, name);
  copyFileSync(inject('reels').planted, path);
  return path;
}

beforeAll(async () => {
  const quoted = `'${MARKUP.replaceAll("'", "''")}'`;
  const names = spoil(
    copyOf('names.reel'),
    `UPDATE symbol SET function = ${quoted} || frame || depth, file = ${quoted}`,
    `UPDATE run SET command = ${quoted}, host = ${quoted}`,
    `UPDATE process SET command = ${quoted}`,
    `UPDATE module SET path = ${quoted} || module`,
  );
  const numbers = spoil(
    copyOf('numbers.reel'),
    'UPDATE run SET start_unix_ns = 9223372036854775807, leaked_bytes = -1, allocations = 9223372036854775807',
    'UPDATE chunk SET live_bytes_max = 9223372036854775807, live_bytes_min = -1',
  );
  const blobs = spoil(copyOf('blobs.reel'), 'UPDATE chunk_data SET data = substr(data, 1, length(data) / 2)');
  browser = await launch();
  server = await serve(names, numbers, blobs);
});

afterAll(async () => {
  await browser?.close();
  await server?.end();
});

test.each([
  ['names with markup', 0],
  ['numbers that cannot be', 1],
  ['damaged chunks', 2],
])('%s', async (_what, number) => {
  const { page, wrongs, close } = await open(browser, server.address);
  for (const name of PAGES) {
    await goTo(page, `v=1&t=peak&p=${name}&reel=${number}&m=pinned`);
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    expect(await page.locator('main').innerText(), name).not.toBe('');
    expect(await page.locator('img, main script').count(), name).toBe(0);
  }
  expect(await page.evaluate(() => 'taken' in window)).toBe(false);
  // A refused question is told by the browser too.
  expect(wrongs.filter((wrong) => !/status of 4\d\d/.test(wrong))).toEqual([]);
  await close();
});

test('events that cannot be read are told on every page, and no page says that nothing is missing', async () => {
  const { page, close } = await open(browser, server.address);
  await goTo(page, 'v=1&t=end&p=stacks&reel=2');
  await page.getByRole('button', { name: /[1-9]\d* damaged events/ }).click();
  await page.getByText(/DAMAGED: [\d ]+ events before here cannot be read/).waitFor();
  await close();
});
