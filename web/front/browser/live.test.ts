// SPDX-License-Identifier: MIT
// A program that is being recorded: the page follows it, and says when it has ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { launch, open } from './support/chromium';
import { HEAPREEL } from './support/reels';
import { lineOf, serve, stop } from './support/server';

// Holds as many blocks of 1 MiB as lines came, and says so.
const HOLDER = `
import sys
held = []
print("ready", flush=True)
for line in sys.stdin:
    held.append(bytearray(1 << 20))
    print("held", len(held), flush=True)
`;

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser?.close());

test('new blocks are seen while the program runs, and its end is told', async () => {
  const path = join(inject('reels').folder, 'live.reel');
  const command = ['record', '-o', path, '--', '/usr/bin/python3', '-u', '-c', HOLDER];
  const program = spawn(HEAPREEL, command, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, PYTHONMALLOC: 'malloc' },
  });
  try {
    await lineOf(program, /ready/);
    await expect.poll(() => existsSync(path), { timeout: 20_000 }).toBe(true);
    const server = await serve(path);
    const { page, wrongs } = await open(browser, server.address + '#v=1&t=end&p=overview&follow=1');
    await page
      .getByText(/recording/i)
      .first()
      .waitFor();
    for (let block = 0; block < 40; block++) program.stdin.write('\n');
    await page
      .locator('header')
      .getByText(/4\d\.\d MiB/)
      .first()
      .waitFor({ timeout: 30_000 });
    program.stdin.end();
    await once(program, 'exit');
    await page
      .getByText(/ended|finished/i)
      .first()
      .waitFor({ timeout: 30_000 });
    expect(wrongs).toEqual([]);
    await page.context().close();
    await server.end();
  } finally {
    await stop(program);
  }
});
