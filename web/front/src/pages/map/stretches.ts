// SPDX-License-Identifier: MIT
// The stretches of memory of a process and the pages in them, as the server's blobs have them. No object is made for a
// page: they are read where they lie.
import { figuresOf, numberOf, numberOrNull } from '~/draw/figures';

export const PAGE_BYTES = 4096;

export interface Stretch {
  process: number;
  kind: string;
  class: number | null;
  address: number;
  bytes: number;
  liveBytes: number;
  occupiedPages: number;
  residentPages: number;
  retainedBytes: number;
  /** Pages are numbered by their addresses. First and end of those that are occupied or resident. */
  begin: number;
  end: number;
  /** First and end of those that the answer has, and where its bytes of them begin. */
  dataBegin: number;
  dataEnd: number;
  offset: number;
}

export interface Stretches {
  list: readonly Stretch[];
  data: DataView;
}

/** Of an answer with so many bytes a page. */
export function stretchesOf(answer: ArrayBuffer, pageBytes: number): Stretches {
  const list = figuresOf(answer, (head) => numberOf(head[12]) * pageBytes).map(({ head, offset, bytes }) => {
    const at = (place: number) => numberOf(head[place]);
    return {
      process: at(0),
      kind: String(head[1]),
      class: numberOrNull(head[2]),
      address: at(3),
      bytes: at(4),
      liveBytes: at(5),
      occupiedPages: at(6),
      residentPages: at(7),
      retainedBytes: at(8),
      begin: Math.floor(at(9) / PAGE_BYTES),
      end: Math.ceil(at(10) / PAGE_BYTES),
      dataBegin: at(11) / PAGE_BYTES,
      dataEnd: at(11) / PAGE_BYTES + bytes / pageBytes,
      offset,
    };
  });
  return { list, data: new DataView(answer) };
}

/** The stretch with a page among its data; undefined: none. */
export function holderOf(list: readonly Stretch[], page: number): Stretch | undefined {
  return list.find((each) => page >= each.dataBegin && page < each.dataEnd);
}

/** Where a page's bytes are; -1: the answer does not have them. */
export function offsetOf(stretch: Stretch | undefined, page: number, pageBytes: number): number {
  if (!stretch || page < stretch.dataBegin || page >= stretch.dataEnd) return -1;
  return stretch.offset + (page - stretch.dataBegin) * pageBytes;
}

export interface PageFacts {
  liveBytes: number;
  blocks: number;
  class: number;
  isResident: boolean;
  isMetadata: boolean;
}

/** Of an answer of Pages. */
export function pageAt({ list, data }: Stretches, page: number): PageFacts | null {
  const at = offsetOf(holderOf(list, page), page, 8);
  if (at < 0) return null;
  const flags = data.getUint8(at + 5);
  return {
    liveBytes: data.getUint16(at, true),
    blocks: data.getUint16(at + 2, true),
    class: data.getUint8(at + 4),
    isResident: (flags & 1) !== 0,
    isMetadata: (flags & 4) !== 0,
  };
}

/** The number of the oldest block's birth event in an answer of PageAges; null: no block, or not known. */
export function birthAt({ list, data }: Stretches, page: number): number | null {
  const at = offsetOf(holderOf(list, page), page, 8);
  if (at < 0 || data.getUint32(at + 4, true) === 0xffffffff) return null;
  return data.getUint32(at + 4, true) * 2 ** 32 + data.getUint32(at, true);
}
