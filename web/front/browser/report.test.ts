// SPDX-License-Identifier: MIT
// A report as who gets it by mail opens it: from a file, without a network. Its pages have their figures, the moment that
// stands for another is named, and a reel that was made to do harm does none.
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { goTo, launch, open, settle } from './support/chromium';
import type { Watched } from './support/chromium';
import { HEAPREEL } from './support/reels';

const REPORT_MS = 120_000;
const MARKUP = '</script><img src=x onerror="window.taken=1"><!--<script>';
const NOTE = '.report-note';
const REFUSED = '.note.refusal';

/** What has to stand on each page of the planted program's report. */
const shown: Record<string, RegExp> = {
  overview: /log_append \(log_ring\.c:27\)/,
  classes: /Rounding/,
  map: /% full/,
  stacks: /log_append/,
  sites: /log_append/,
  lifetimes: /temporary/,
  blocks: /0x[0-9a-f]+/,
  findings: /Nothing that the recording knows of/,
  processes: /exit 0/,
  compare: /resident/i,
  sql: /heapreel sql/,
  export: /heapreel report/,
};

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

function reportOf(reel: string, ...options: string[]): string {
  const page = `${reel}.html`;
  execFileSync(HEAPREEL, ['report', '--force', ...options, '-o', page, reel], { stdio: 'ignore', timeout: REPORT_MS });
  return page;
}

async function openReport(path: string): Promise<Watched> {
  const watched = await open(browser, pathToFileURL(path).href, { offline: true });
  watched.page.on('request', (request) => watched.wrongs.push(`request: ${request.url()}`));
  await watched.page.locator(NOTE).waitFor();
  return watched;
}

describe('of a planted culprit', () => {
  let watched: Watched;
  beforeAll(async () => {
    watched = await openReport(reportOf(inject('reels').planted, '--points', '6'));
  });
  afterAll(() => watched?.close());

  test.each(Object.keys(shown))('the page %s shows its figures and refuses none', async (name) => {
    await goTo(watched.page, `v=1&t=worst&p=${name}&m=pinned`);
    await watched.page
      .locator('main')
      .getByText(shown[name] ?? '')
      .first()
      .waitFor();
    await settle(watched.page);
    expect(await watched.page.locator(REFUSED).allInnerTexts()).toEqual([]);
    expect(watched.wrongs).toEqual([]);
  });

  test('the nearest moment stands for one that is not held, and is named', async () => {
    await goTo(watched.page, 'v=1&t=#100&p=overview');
    await watched.page.locator(NOTE).getByText('Nearest moment kept').waitFor();
    await goTo(watched.page, 'v=1&t=peak&p=overview');
    await watched.page.locator(NOTE).waitFor();
  });

  test('what it does not hold is refused with the command that shows it', async () => {
    await goTo(watched.page, 'v=1&t=peak&p=sites&f=fn:main');
    const refused = watched.page.locator('main').locator(REFUSED).first();
    await refused.waitFor();
    expect(await refused.innerText()).toContain('heapreel web planted.reel');
    for (const name of ['classes', 'map']) {
      await goTo(watched.page, `v=1&t=peak&p=${name}&f=fn:main`);
      await watched.page.getByText(/does not turn others grey: this report does not hold it/).waitFor();
    }
    expect(watched.wrongs).toEqual([]);
  });
});

test('a reel that was made to do harm does nothing in its report', async () => {
  const reel = join(inject('reels').folder, 'harm.reel');
  copyFileSync(inject('reels').sqlite, reel);
  const quoted = `'${MARKUP}'`;
  const statements = [
    `UPDATE symbol SET function = ${quoted} || frame, file = ${quoted}`,
    `UPDATE run SET command = ${quoted}, host = ${quoted}, start_unix_ns = 9223372036854775807`,
    `UPDATE module SET path = ${quoted} || module`,
    'UPDATE chunk SET live_bytes_max = 9223372036854775807, live_bytes_min = -1',
    'UPDATE keyframe SET data = zeroblob(100)',
  ];
  execFileSync('sqlite3', [reel, statements.join(';')]);
  const { page, wrongs, close } = await openReport(reportOf(reel, '--points', '2'));
  for (const name of Object.keys(shown)) {
    await goTo(page, `v=1&t=peak&p=${name}`);
    expect(await page.locator('nav [aria-current]').count()).toBe(1);
  }
  expect(await page.evaluate(() => [document.querySelectorAll('img').length, 'taken' in window])).toEqual([0, false]);
  expect(wrongs).toEqual([]);
  await close();
});

test('a damaged report says so, and nothing else', async () => {
  const whole = reportOf(inject('reels').sqlite, '--points', '2');
  const text = readFileSync(whole, 'utf8').replace(/(id="answers">.{2000}).{40}/, (_all, before: string) => before);
  const damaged = join(inject('reels').folder, 'damaged.html');
  execFileSync('tee', [damaged], { input: text, stdio: ['pipe', 'ignore', 'ignore'] });
  const { page, close } = await open(browser, pathToFileURL(damaged).href, { offline: true });
  await page.getByText('The report cannot be shown').waitFor();
  await close();
});
