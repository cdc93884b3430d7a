// SPDX-License-Identifier: MIT
// What a file exports is used by another one.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FRONT = new URL('..', import.meta.url);
const files = new Map(
  ['src', 'tests', 'browser'].flatMap((folder) =>
    readdirSync(new URL(folder, FRONT), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => [`${folder}/${name}`, readFileSync(new URL(`${folder}/${name}`, FRONT), 'utf8')] as const),
  ),
);

test('no export is for its own file alone', () => {
  const unused: string[] = [];
  for (const [file, text] of files)
    for (const [, name] of text.matchAll(/^export (?:async )?(?:const|let|function|class|interface|type) (\w+)/gm)) {
      const isName = new RegExp(`\\b${name}\\b`);
      if (![...files].some(([other, used]) => other !== file && isName.test(used))) unused.push(`${file}: ${name}`);
    }
  expect(files.size).toBeGreaterThan(100);
  expect(unused).toEqual([]);
});
