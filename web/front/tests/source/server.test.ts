// SPDX-License-Identifier: MIT
// What is asked of the server together, and who is told what.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Server } from '../../src/source/server';

const HEAP = { columns: { events: [7] } };
let asked: string[] = [];

function answerTo(address: string): Response {
  const isBlob = address.includes('/pages?');
  const also = address.includes('also=heap') ? JSON.stringify({ heap: HEAP }) : '';
  if (!isBlob)
    return Response.json(address.includes('/heap?') ? HEAP : { columns: {}, ...(also && { also: JSON.parse(also) }) });
  const headers = { 'Content-Type': 'application/octet-stream', 'Heapreel-Also': String(also.length) };
  return new Response('blob' + also, { headers });
}

beforeEach(() => {
  asked = [];
  vi.stubGlobal('location', { host: 'here' });
  vi.stubGlobal('fetch', (address: string, { signal }: { signal: AbortSignal }) => {
    asked.push(address.replace('/api/v1/reels/0/', ''));
    return new Promise((resolve, reject) => {
      setTimeout(() => resolve(answerTo(address)));
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  });
});
afterEach(() => void vi.unstubAllGlobals());

const at = { t: '5s', process: 0 };
const isAborted = { name: 'AbortError' };

test('the heap comes with the pages of its moment, in one question', async () => {
  const server = new Server();
  const [heap, pages] = await Promise.all([server.rows(0, 'Heap', at), server.blob(0, 'Pages', at)]);
  expect(asked).toEqual(['pages?also=heap&process=0&t=5s']);
  expect(heap).toEqual(HEAP);
  expect(new TextDecoder().decode(pages)).toBe('blob');
});

test('the heap of another moment, and a mark, are asked for by themselves', async () => {
  const server = new Server();
  const mark = server.rows(0, 'Heap', { ...at, of: 'mark' });
  await Promise.all([mark, server.rows(0, 'Heap', { ...at, t: '6s' }), server.rows(0, 'Classes', at)]);
  expect(asked).toEqual(['heap?of=mark&process=0&t=5s', 'heap?process=0&t=6s', 'classes?process=0&t=5s']);
});

test('who does not wait any more is told at once, and the question ends with the last of them', async () => {
  const server = new Server();
  const [one, other] = [new AbortController(), new AbortController()];
  const heap = server.rows(0, 'Heap', at, one.signal);
  const classes = server.rows(0, 'Classes', at, other.signal);
  await Promise.resolve();
  one.abort();
  await expect(heap).rejects.toMatchObject(isAborted);
  await expect(classes).resolves.toMatchObject({ columns: {} });
  const both = [server.rows(0, 'Heap', at, one.signal), server.rows(0, 'Classes', { ...at, t: '6s' }, other.signal)];
  other.abort();
  for (const each of both) await expect(each).rejects.toMatchObject(isAborted);
  expect(asked).toEqual(['classes?also=heap&process=0&t=5s']);
});
