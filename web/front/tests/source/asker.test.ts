// SPDX-License-Identifier: MIT
// Questions that come faster than answers.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Asker, isAnyUnderWay } from '../../src/source/asker';
import { Refusal } from '../../src/source/source';

let now = 0;
beforeEach(() => {
  now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => void vi.restoreAllMocks());

/** A server whose answers are given by hand. */
function server() {
  const open = new Map<string, { answer: (value: string) => void; refuse: (error: Error) => void }>();
  const asked: string[] = [];
  const asker = new Asker<string>();
  const ask = (key: string) =>
    asker.ask(key, (abort) => {
      asked.push(key);
      return new Promise((answer, refuse) => {
        open.set(key, { answer, refuse });
        abort.addEventListener('abort', () => refuse(new DOMException('', 'AbortError')));
      });
    });
  return { asker, ask, asked, open };
}

const settled = () => new Promise((done) => setTimeout(done));

test('one is under way, and of those that wait only the newest is asked', async () => {
  const { asker, ask, asked, open } = server();
  ['1', '2', '3'].forEach(ask);
  expect(asked).toEqual(['1']);
  open.get('1')?.answer('one');
  await settled();
  expect(asker.shown.value).toMatchObject({ value: 'one', isStale: true, isBusy: true });
  expect(asked).toEqual(['1', '3']);
  open.get('3')?.answer('three');
  await settled();
  expect(asker.shown.value).toMatchObject({ value: 'three', isStale: false, isBusy: false });
  expect(isAnyUnderWay()).toBe(false);
});

test('who asks the same once more asks nothing', () => {
  const { asker, ask, asked } = server();
  ask('1');
  ask('1');
  expect(asked).toEqual(['1']);
  asker.cancel();
});

test('a slow question gives way, the next one has more time, up to an answer', async () => {
  const { asker, ask, asked, open } = server();
  const askAt = async (ms: number, key: string) => {
    now = ms;
    ask(key);
    await settled();
  };
  await askAt(0, '1');
  await askAt(300, '2');
  expect(asked).toEqual(['1', '2']);
  await askAt(700, '3');
  expect(asked).toEqual(['1', '2']);
  open.get('2')?.answer('two');
  await settled();
  expect(asked).toEqual(['1', '2', '3']);
  await askAt(1000, '4');
  expect(asked).toEqual(['1', '2', '3', '4']);
  asker.cancel();
});

test('who stops a question keeps the answer before, and may ask once more', async () => {
  const { asker, ask, asked, open } = server();
  ask('1');
  open.get('1')?.answer('one');
  await settled();
  expect(asker.shown.value.isStopped).toBe(false);
  ask('2');
  asker.cancel();
  await settled();
  expect(asker.shown.value).toMatchObject({ value: 'one', isStale: true, isBusy: false, isStopped: true });
  expect(asker.shown.value.refusal).toBeUndefined();
  asker.again();
  expect(asker.shown.value).toMatchObject({ isBusy: true, isStopped: false });
  open.get('2')?.answer('two');
  await settled();
  expect(asker.shown.value).toMatchObject({ value: 'two', isStale: false, isBusy: false });
  expect(asked).toEqual(['1', '2', '2']);
});

test('what was stopped is asked anew by who comes back to it at once, and what waits is stopped too', async () => {
  const { asker, ask, asked, open } = server();
  ask('1');
  ask('2');
  asker.cancel();
  ask('2');
  await settled();
  expect(asked).toEqual(['1', '2']);
  open.get('2')?.answer('two');
  await settled();
  expect(asker.shown.value).toMatchObject({ value: 'two', isStopped: false });
  asker.cancel();
  expect(asker.shown.value.isStopped).toBe(false);
});

test('a refusal is told, and what was shown stays', async () => {
  const { asker, ask, open } = server();
  ask('1');
  open.get('1')?.answer('one');
  await settled();
  ask('2');
  open.get('2')?.refuse(new Refusal(400, 'no', 'here', 'ask otherwise'));
  await settled();
  expect(asker.shown.value).toMatchObject({ value: 'one', isBusy: false });
  expect(asker.shown.value.refusal?.what).toBe('no');
});
