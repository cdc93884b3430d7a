// SPDX-License-Identifier: MIT
// A Vite plugin: the licences of the npm packages that went into a bundle, as LICENSES.txt beside it, or as text inside of
// a page that is one file. A package without a licence stops the build.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

export interface Licence {
  name: string;
  version: string;
  licence: string; // its short name
  text: string; // empty: the package brings none
}

const PACKAGE = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^licen[cs]e(\.|$)/i;

/** The folder of the package that a module is of; undefined: it is ours. */
export function packageFolder(module: string): string | undefined {
  return PACKAGE.exec(module)?.[1];
}

export function readLicence(folder: string): Licence {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const file = readdirSync(folder)
    .sort()
    .find((name) => LICENCE_FILE.test(name));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim();
  if (typeof about['license'] !== 'string' && text === '') throw new Error(`${folder}: the package has no licence`);
  return {
    name: String(about['name']),
    version: String(about['version']),
    licence: typeof about['license'] === 'string' ? about['license'] : 'see below',
    text,
  };
}

/** One text for all of them, by name. */
export function printLicences(licences: Licence[]): string {
  const parts = licences
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((one) => `${one.name} ${one.version}: ${one.licence}\n\n${one.text}\n`);
  return `These pages contain the following packages.\n\n${parts.join('\n----\n\n')}`;
}

/** `page`: the HTML file that takes them into itself; without it they become a file of their own. */
export function licences(page?: string): Plugin {
  return {
    name: 'heapreel-licences',
    apply: 'build',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const part of Object.values(bundle)) {
        if (part.type !== 'chunk') continue;
        for (const module of part.moduleIds) {
          const folder = packageFolder(module);
          if (folder !== undefined && existsSync(join(folder, 'package.json'))) folders.add(folder);
        }
      }
      const text = printLicences([...folders].map(readLicence));
      const html = page === undefined ? undefined : bundle[page];
      if (html?.type === 'asset')
        html.source = String(html.source).replace(
          '</body>',
          () => `<script type="text/plain" id="licences">\n${text.replaceAll('</', '<\\/')}</script>\n</body>`,
        );
      else this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: text });
    },
  };
}
