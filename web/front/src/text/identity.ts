// SPDX-License-Identifier: MIT
// The identity of every resident byte, in the order in which all views draw it.

export interface IdentityPart {
  name: 'requested' | 'rounding' | 'pinned' | 'retained' | 'metadata';
  column: 'requested_bytes' | 'rounding_bytes' | 'pinned_bytes' | 'retained_bytes' | 'metadata_bytes';
  meaning: string;
}

export const identityParts: readonly IdentityPart[] = [
  { name: 'requested', column: 'requested_bytes', meaning: 'what the program asked for and still holds' },
  { name: 'rounding', column: 'rounding_bytes', meaning: 'usable size less requested size' },
  { name: 'pinned', column: 'pinned_bytes', meaning: 'free bytes on resident pages that a live block keeps' },
  { name: 'retained', column: 'retained_bytes', meaning: 'resident pages without a live block' },
  { name: 'metadata', column: 'metadata_bytes', meaning: "the allocator's own tables and headers" },
];
