// SPDX-License-Identifier: MIT
// Answers for drawings as the server makes them.

const HEAD_BYTES = 384;

export function boxed(...figures: readonly (readonly [readonly unknown[], Uint8Array])[]): ArrayBuffer {
  const parts = figures.flatMap(([head, data]) => [
    new TextEncoder().encode(JSON.stringify(head).padEnd(HEAD_BYTES)),
    data,
  ]);
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all.buffer;
}
