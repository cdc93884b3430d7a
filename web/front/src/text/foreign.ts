// SPDX-License-Identifier: MIT
// Text that somebody else chose (commands, names of functions and files), made plain: format_text of text/format.c, held
// to it by the same examples. Works on the bytes of UTF-8, as sizes in C count them.

// The forms of a printable character: ranges of its first and second byte, and how many bytes it has.
const forms: readonly (readonly [number, number, number, number, number])[] = [
  [0x20, 0x7e, 0, 0, 1],
  [0xc2, 0xc2, 0xa0, 0xbf, 2],
  [0xc3, 0xdf, 0x80, 0xbf, 2],
  [0xe0, 0xe0, 0xa0, 0xbf, 3],
  [0xe1, 0xec, 0x80, 0xbf, 3],
  [0xed, 0xed, 0x80, 0x9f, 3],
  [0xee, 0xef, 0x80, 0xbf, 3],
  [0xf0, 0xf0, 0x90, 0xbf, 4],
  [0xf1, 0xf3, 0x80, 0xbf, 4],
  [0xf4, 0xf4, 0x80, 0x8f, 4],
];
const none = -1; // what no byte is

// Bytes of the well-formed printable character that begins at `at`; 0: none does.
function characterBytes(bytes: Uint8Array, at: number): number {
  const byte = (offset: number) => bytes[at + offset] ?? none;
  const form = forms.find(([first, last]) => byte(0) >= first && byte(0) <= last);
  if (form === undefined) return 0;
  const [, , secondMin, secondMax, count] = form;
  if (count > 1 && (byte(1) < secondMin || byte(1) > secondMax)) return 0;
  for (let i = 2; i < count; i++) if (byte(i) < 0x80 || byte(i) > 0xbf) return 0;
  return count;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

// Control characters and bytes that are no UTF-8 become "?". Of less than `size` bytes, cut between characters.
export function formatText(text: string | Uint8Array, size = Infinity): string {
  const bytes = typeof text === 'string' ? bytesOf(text) : text;
  const out: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const taken = characterBytes(bytes, at);
    const printed = taken === 0 ? [0x3f] : bytes.subarray(at, at + taken);
    if (out.length + printed.length >= size) break;
    out.push(...printed);
    at += printed.length;
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(new Uint8Array(out));
}
