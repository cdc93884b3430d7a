// SPDX-License-Identifier: MIT
// A Vite plugin: the table of keys that the terminal is built from, as the module virtual:keys. It stands in one file for
// both viewers, so that they cannot come to differ.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import type { KeyRow } from './src/keys/key_row.ts';

const TABLE = fileURLToPath(new URL('../../viewer/keys.def', import.meta.url));
const STRING = String.raw`("(?:[^"\\]|\\.)*")`;
const ROW = new RegExp(
  String.raw`^(KEY|WEB_KEY|TERMINAL_KEY)\((\w+), ${STRING}, ${STRING}, ${STRING}, (\w+), (\d+), ${STRING}\)$`,
);
const SCOPES: Readonly<Record<string, KeyRow['scope']>> = { GLOBAL: 'global', LIST: 'list', TIME: 'time' };
// What a browser does itself with them is not to be taken from it.
const OF_BROWSERS = new Set(['F1', 'F3', 'F5', 'F6', 'F7', 'F10', 'F11', 'F12', 'Tab', 'S-Tab', 'C-c', 'C-l']);

interface Line {
  kind: string;
  row: KeyRow;
}

function keysOf(names: string): string[] {
  const all = names.split(' ');
  const kept = all.filter((name) => !OF_BROWSERS.has(name));
  return kept.length > 0 ? kept : all;
}

function readLine(line: string): Line {
  const [, kind = '', action = '', keys = '', label = '', help = '', scope = '', rank = '', pages = ''] =
    ROW.exec(line) ?? [];
  const known = SCOPES[scope];
  if (known === undefined) throw new Error(`${TABLE}: no row of a key: ${line}`);
  const text = (literal: string) => JSON.parse(literal) as string;
  const row: KeyRow = {
    action,
    keys: keysOf(text(keys)),
    label: text(label),
    help: text(help),
    scope: known,
    rank: Number(rank),
    pages: [...text(pages)],
  };
  return { kind, row };
}

// A page is named in the table by the key that opens it.
function pageOf(key: string, rows: readonly KeyRow[]): string {
  const row = rows.find((each) => each.action.startsWith('PAGE_') && each.keys[0] === key);
  if (row === undefined) throw new Error(`${TABLE}: ${key} opens no page`);
  return row.action.replace('PAGE_', '').toLowerCase();
}

/** The rows of the browser, in the order of the table. */
export function readKeys(text: string): KeyRow[] {
  const lines = text.split('\n').filter((line) => /^\w+\(/.test(line));
  const rows = lines.map(readLine).flatMap(({ kind, row }) => (kind === 'TERMINAL_KEY' ? [] : [row]));
  return rows.map((row) => ({ ...row, pages: row.pages.map((key) => pageOf(key, rows)) }));
}

export function keyTable(): Plugin {
  const module = '\0virtual:keys';
  return {
    name: 'heapreel-keys',
    resolveId: (id) => (id === 'virtual:keys' ? module : undefined),
    load(id) {
      if (id !== module) return undefined;
      this.addWatchFile(TABLE);
      return `export const keys = ${JSON.stringify(readKeys(readFileSync(TABLE, 'utf8')))};`;
    },
  };
}
