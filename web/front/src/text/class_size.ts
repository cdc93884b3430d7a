// SPDX-License-Identifier: MIT
// What a size class is called: the twin of text/class_size.c.

// As classes_at gives it.
export interface ClassSize {
  class_number: number;
  class_id: number | null; // null: the allocator tells none
  is_aligned: number | boolean; // slots at multiples of their size
  slot_bytes: number | null;
  least_bytes: number; // usable, of a block of the class
  greatest_bytes: number | null; // null: no bound
}

// "48", "64 a" where slots are aligned to it, "1025-1280" for a range of usable sizes, "large".
export function classSize(size: ClassSize): string {
  if (size.class_number === 0) return 'large';
  if (size.class_id !== null) return `${size.slot_bytes ?? 0}${size.is_aligned ? ' a' : ''}`;
  if (size.least_bytes === size.greatest_bytes) return `${size.least_bytes}`;
  return `${size.least_bytes}-${size.greatest_bytes ?? ''}`;
}
