// SPDX-License-Identifier: MIT
// How a report holds its answers: records of an address and a body, each with its length before it, compressed, in the
// letters of base64. What is damaged is refused whole.

export type Records = ReadonlyMap<string, Uint8Array>;

const LENGTHS_BYTES = 8;

/** The bytes that the page's text stands for. */
export async function unpacked(text: string): Promise<Uint8Array> {
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) packed[at] = letters.charCodeAt(at);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

export function recordsOf(bytes: Uint8Array): Records {
  const lengths = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder();
  const records = new Map<string, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    if (at + LENGTHS_BYTES > bytes.length) throw new Error('its answers are cut off');
    const name = at + LENGTHS_BYTES;
    const body = name + lengths.getUint32(at, true);
    const end = body + lengths.getUint32(at + 4, true);
    if (end > bytes.length) throw new Error('its answers are cut off');
    records.set(text.decode(bytes.subarray(name, body)), bytes.subarray(body, end));
    at = end;
  }
  return records;
}
