// SPDX-License-Identifier: MIT
// Who goes first to the server.
import { expect, test } from 'vitest';
import { Line } from '../../src/source/line';

/** A line whose questions are answered by hand. */
function standing() {
  const line = new Line();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((end) => ends.set(name, end));
  };
  return { line, begun, run, end: (name: string) => ends.get(name)?.() };
}

const turn = () => new Promise((done) => setTimeout(done));
/** An answer is heard in the first turn; who is called for it begins in the second. */
const settled = async () => {
  await turn();
  await turn();
};

test('what is quick goes before what was asked earlier and has patience', async () => {
  const { line, begun, run, end } = standing();
  void line.patiently(run('far'));
  void line.quickly(run('near'));
  await settled();
  expect(begun).toEqual(['near']);
  end('near');
  await settled();
  expect(begun).toEqual(['near', 'far']);
});

test('connections are left to the quick', async () => {
  const { line, begun, run, end } = standing();
  for (const name of ['1', '2', '3', '4']) void line.patiently(run(name));
  await settled();
  expect(begun).toEqual(['1', '2', '3']);
  void line.quickly(run('near'));
  end('1');
  await settled();
  expect(begun).toEqual(['1', '2', '3', 'near']);
  end('near');
  await settled();
  expect(begun).toEqual(['1', '2', '3', 'near', '4']);
});

test('who gives up in the line is never asked, and says so at once', async () => {
  const { line, begun, run, end } = standing();
  const abort = new AbortController();
  void line.quickly(run('near'));
  const far = line.patiently(run('far'), abort.signal);
  abort.abort();
  await expect(far).rejects.toHaveProperty('name', 'AbortError');
  end('near');
  await settled();
  expect(begun).toEqual(['near']);
});

test('a refusal lets the next go', async () => {
  const { line, begun, run } = standing();
  const refused = line.quickly(() => Promise.reject(new Error('no')));
  void line.patiently(run('far'));
  await expect(refused).rejects.toThrow('no');
  await settled();
  expect(begun).toEqual(['far']);
});
