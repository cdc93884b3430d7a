// SPDX-License-Identifier: MIT
// Debian's Chromium, and pages that tell what went wrong in them.
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
}

export interface Watched {
  page: Page;
  /** Errors, warnings of the content policy, requests to elsewhere; empty in a good run. */
  wrongs: string[];
  close: () => Promise<void>;
}

/** A page in a fresh browser profile. */
export async function open(browser: Browser, address: string, options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const wrongs: string[] = [];
  const home = new URL(address).origin;
  page.on('pageerror', (error) => wrongs.push(error.message));
  page.on('console', (message) => message.type() === 'error' && wrongs.push(message.text()));
  page.on('dialog', (dialog) => (wrongs.push(`dialog: ${dialog.message()}`), void dialog.dismiss()));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== home && !['data:', 'blob:'].includes(protocol)) wrongs.push(`request: ${request.url()}`);
  });
  page.on('response', (response) => response.status() >= 500 && wrongs.push(`${response.status()} ${response.url()}`));
  await page.goto(address);
  return { page, wrongs, close: () => context.close() };
}

/** Everything that was asked is answered. */
export async function settle(page: Page): Promise<void> {
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
}

/** With another state in the address. */
export async function goTo(page: Page, state: string): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, state);
  await settle(page);
}
