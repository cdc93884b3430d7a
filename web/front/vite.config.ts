// SPDX-License-Identifier: MIT
// The application in static/ of the build; with --mode report the page that a report is made of, which is one file; and
// the tests: `unit` without a browser, `browser` with Debian's Chromium.
import { fileURLToPath } from 'node:url';
import { viteSingleFile } from 'vite-plugin-singlefile';
import { defineConfig } from 'vitest/config';
import { firstPaint } from './first_paint.ts';
import { keyTable } from './key_table.ts';
import { licences } from './licences.ts';

const source = fileURLToPath(new URL('./src', import.meta.url));

export default defineConfig(({ mode }) => ({
  plugins: [
    keyTable(),
    ...(mode === 'report' ? [viteSingleFile(), licences('report.html')] : [firstPaint(), licences()]),
  ],
  resolve: { alias: { '~': source } },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: process.env['HEAPREEL_STATIC'] ?? '../../build/web/static',
    emptyOutDir: mode !== 'report', // it comes after the application, into the same folder
    rolldownOptions: { input: mode === 'report' ? 'report.html' : 'index.html' },
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['tests/**/*.test.{ts,tsx}'] } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['browser/**/*.test.ts'],
          globalSetup: 'browser/support/reels.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
}));
