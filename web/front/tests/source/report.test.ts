// SPDX-License-Identifier: MIT
// A report as a source: what is asked in any of its forms finds the one record, and what is missing says where it is.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Report } from '../../src/source/report.ts';
import { recordsOf as unpackedRecords, unpacked } from '../../src/source/report_pack.ts';
import { regrouped } from '../../src/source/report_timeline.ts';
import { Refusal } from '../../src/source/source.ts';
import { answerOf, bodies, recordsOf } from './records.ts';

const report = new Report(recordsOf(bodies));
const heapAt = async (t: string) => (await report.rows(0, 'Heap', { t, process: 0 })).columns.events[0];

describe('the moment that stands for another', () => {
  it.each([
    ['peak', 400],
    ['end', 1000],
    ['begin', 0],
    ['0', 0],
    ['#399', 400],
    ['549', 400],
    ['551', 700],
    ['99999', 1000],
    ['3.9s', 400],
    ['4.1s', 700],
    ['65%', 700],
  ])('of %s is after %i events', async (asked, events) => expect(await heapAt(asked)).toBe(events));

  it('is named when it is not the one that is asked about', () => {
    expect(report.standIn('peak', 2e9)).toBeNull();
    expect(report.standIn('700', null)).toBeNull();
    expect(report.standIn('10.000000000s', 10e9)).toBeNull();
    expect(report.standIn('4.1s', 4.1e9)).toBe(6e9);
    expect(report.standIn('701', 6e9)).toBe(6e9);
  });
});

describe('answers', () => {
  it('are found however their question says what goes without saying', async () => {
    const short = await report.rows(0, 'Top', { t: 'peak' });
    const long = await report.rows(0, 'Top', { t: '400', measure: 'live', process: 0, count: 5 });
    expect(long).toEqual(short);
    expect((await report.rows(0, 'Top', { t: 'peak', count: 2 })).columns.stack).toEqual([1, 2]);
    expect((await report.rows(0, 'Growth', {})).columns.stack).toEqual([7]);
    expect((await report.rows(0, 'Heap', { t: '700', of: 'mark' })).columns.live_bytes).toEqual([7000]);
  });

  it('of one process are those of all where there is only one', async () => {
    expect((await report.rows(0, 'Top', { t: 'peak', process: 1 })).rows).toBe(3);
  });

  it('that are missing say at which moments there are some', async () => {
    const refusal = await report.rows(0, 'Top', { t: 'peak', measure: 'pinned' }).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refusal);
    expect((refusal as Refusal).toDo).toBe('it has it at end; heapreel web x.reel has all');
    await expect(report.blob(0, 'Pages', { t: 'peak' })).rejects.toMatchObject({ toDo: 'heapreel web x.reel does' });
  });
});

describe('the timeline', () => {
  const columns = {
    begin_ns: [0, 10, 20, 30],
    end_ns: [10, 20, 30, 40],
    events: [1, 2, 3, 4],
    allocations: [1, 1, 1, 1],
    frees: [0, 1, 2, 3],
    resizes: [0, 0, 0, 0],
    requested_bytes: [8, 8, 8, 8],
    live_bytes_min: [1, 5, 3, 4],
    live_bytes_max: [9, 7, 8, 6],
    live_bytes: [5, 6, 7, 5],
    live_blocks: [1, 2, 3, 4],
    resident_bytes: [null, 1, 2, 3],
  };

  it('of fewer points sums, keeps extremes and ends with the last', () => {
    const two = regrouped(columns, 0, Infinity, 2);
    expect(two.begin_ns).toEqual([0, 20]);
    expect(two.end_ns).toEqual([20, 40]);
    expect(two.events).toEqual([3, 7]);
    expect(two.live_bytes_min).toEqual([1, 3]);
    expect(two.live_bytes_max).toEqual([9, 8]);
    expect(two.resident_bytes).toEqual([1, 3]);
  });

  it('of a stretch has the points that touch it, never more than there are', () => {
    expect(regrouped(columns, 12, 30, 100).begin_ns).toEqual([10, 20]);
    expect(regrouped(columns, 40, 50, 10).begin_ns).toEqual([]);
  });

  it('comes from the report in as many points as the frame has room for', async () => {
    const held = new Report(recordsOf({ ...bodies, 'timeline?': answerOf(columns) }));
    expect((await held.rows(0, 'Timeline', { points: 3 })).rows).toBe(3);
    expect((await held.rows(0, 'Timeline', { t0_ns: 25, t1_ns: 40, points: 9 })).columns.events).toEqual([3, 4]);
  });
});

describe('packed answers', () => {
  const lengths = (name: number, body: number) => [name, 0, 0, 0, body, 0, 0, 0];

  it('come out as they went in', async () => {
    const packed = gzipSync(Uint8Array.from([...lengths(1, 2), 97, 1, 2, ...lengths(2, 0), 98, 99]));
    const records = unpackedRecords(await unpacked(packed.toString('base64')));
    expect([...records]).toEqual([
      ['a', Uint8Array.from([1, 2])],
      ['bc', new Uint8Array()],
    ]);
  });

  it('that are damaged are refused', async () => {
    expect(() => unpackedRecords(Uint8Array.from(lengths(4, 9)))).toThrow('cut off');
    expect(() => unpackedRecords(Uint8Array.from([1]))).toThrow('cut off');
    const packed = gzipSync(new Uint8Array(100)).subarray(0, 20).toString('base64');
    await expect(unpacked(packed)).rejects.toThrow();
    expect(() => new Report(new Map())).toThrow('another version');
  });
});
