// SPDX-License-Identifier: MIT
// The state of a heap in one sentence: how much is wasted, of which kind, since when and by whom. The twin of the
// terminal's verdict; chooses words for figures that it is given, and asks nobody.
import { formatBytes, formatShare, formatTime } from './format';

// As heap_at gives it.
interface Identity {
  resident_bytes: number;
  rounding_bytes: number;
  pinned_bytes: number;
  retained_bytes: number;
  metadata_bytes: number;
}

// The stack with the most of an amount.
export interface Culprit {
  name: string;
  bytes: number;
  since_ns: number | null; // half of its blocks are older; null: not known
}

export interface VerdictFacts {
  identity: Identity;
  live_blocks: number;
  peak_bytes: number; // of the run
  peak_ns: number;
  t_ns: number; // of the moment
  is_lossy: boolean; // what is missing may be the most
  pinned: Culprit | null; // null: not known, or nobody
  rounding: Culprit | null;
}

export type VerdictKind = 'nothing' | 'little' | 'rounding' | 'pinned' | 'retained' | 'metadata';

const LITTLE_BYTES = 64 * 1024; // less waste than that, or than a part, is little
const LITTLE_PART = 10; // of the resident bytes
const SPREAD_PART = 10; // of the kind of waste

// What is resident and was not asked for.
export function verdictWasteBytes(identity: Identity): number {
  return identity.rounding_bytes + identity.pinned_bytes + identity.retained_bytes + identity.metadata_bytes;
}

function greatestPart(identity: Identity): VerdictKind {
  const parts: readonly (readonly [VerdictKind, number])[] = [
    ['pinned', identity.pinned_bytes],
    ['retained', identity.retained_bytes],
    ['rounding', identity.rounding_bytes],
    ['metadata', identity.metadata_bytes],
  ];
  return parts.reduce((greatest, part) => (part[1] > greatest[1] ? part : greatest))[0];
}

export function verdictKind(facts: VerdictFacts): VerdictKind {
  const waste = verdictWasteBytes(facts.identity);
  if (facts.live_blocks === 0 && waste < LITTLE_BYTES) return 'nothing';
  if (waste < LITTLE_BYTES || waste < Math.floor(facts.identity.resident_bytes / LITTLE_PART)) return 'little';
  return greatestPart(facts.identity);
}

function nothing(facts: VerdictFacts): string {
  if (facts.peak_bytes === 0) return 'Nothing was allocated';
  const [time, bytes] = [formatTime(facts.peak_ns), formatBytes(facts.peak_bytes)];
  return `Nothing is allocated at this moment; at the peak, ${time}, it was ${bytes}`;
}

// "6.0 MiB of 9.1 MiB resident (66.1 %)"
function wasted({ identity }: VerdictFacts): string {
  const waste = verdictWasteBytes(identity);
  const share = formatShare(waste, identity.resident_bytes);
  return `${formatBytes(waste)} of ${formatBytes(identity.resident_bytes)} resident (${share})`;
}

// Of an amount that is spread over many stacks, the first of them is no culprit.
function by(culprit: Culprit | null, whole: number): string {
  if (culprit === null || culprit.bytes === 0) return '';
  const bytes = formatBytes(culprit.bytes);
  if (culprit.bytes < Math.floor(whole / SPREAD_PART))
    return ` by many stacks, of which none has more than ${bytes}, ${culprit.name}`;
  const since = culprit.since_ns === null ? '' : ` since ${formatTime(culprit.since_ns)}`;
  return `: ${bytes} by ${culprit.name}${since}`;
}

function retained(facts: VerdictFacts): string {
  const peak = `${formatBytes(facts.peak_bytes)} at ${formatTime(facts.peak_ns)}`;
  const since = facts.peak_ns < facts.t_ns ? `, since live bytes fell from ${peak}` : '';
  return `: ${formatBytes(facts.identity.retained_bytes)} of pages without a live block${since}`;
}

function sentence(facts: VerdictFacts): string {
  const kind = verdictKind(facts);
  const waste = `${wasted(facts)} is waste, most of it ${kind}`;
  switch (kind) {
    case 'nothing':
      return nothing(facts);
    case 'little':
      return `Little is wasted: ${wasted(facts)}`;
    case 'pinned':
      return waste + by(facts.pinned, facts.identity.pinned_bytes);
    case 'rounding':
      return waste + by(facts.rounding, facts.identity.rounding_bytes);
    case 'retained':
      return waste + retained(facts);
    case 'metadata':
      return waste;
  }
}

export function verdictPrint(facts: VerdictFacts): string {
  return `${sentence(facts)}${facts.is_lossy ? ', as far as it was recorded.' : '.'}`;
}

// What the kind means and what to do, with the browser's keys. isWorst: the moment is that of most waste.
export function verdictRemark(kind: VerdictKind, isWorst: boolean): string {
  switch (kind) {
    case 'nothing':
      return 'P goes to the peak, W to the moment of most waste.';
    case 'little':
      return isWorst ? 'No other moment has more waste than this one.' : 'W goes to the moment of most waste.';
    case 'rounding':
      return 'Rounding: blocks are larger than was asked. 2 shows which sizes fit badly.';
    case 'pinned':
      return 'Pinned: free bytes on pages that a live block keeps. The flame graph shows by whom.';
    case 'retained':
      return "Retained: the allocator's cache. A purge (malloc_trim) returns it.";
    case 'metadata':
      return "Metadata: the allocator's own tables and headers. Larger blocks need fewer.";
  }
}
