// SPDX-License-Identifier: MIT
// What the map says of pages and stretches.
import { formatBytes, formatShare } from '~/text/format';
import { plural } from '~/text/words';
import { PAGE_BYTES } from './stretches';
import type { PageFacts, Stretch } from './stretches';

export function stretchName(stretch: Stretch, nameOf: (classNumber: number) => string): string {
  return stretch.class === null ? stretch.kind : `${stretch.kind} ${nameOf(stretch.class)}`;
}

/** "20.0 MiB, 95 % full" */
export function stretchWords(stretch: Stretch): string {
  const size = formatBytes((stretch.end - stretch.begin) * PAGE_BYTES);
  if (stretch.kind === 'metadata')
    return `${formatBytes(stretch.residentPages * PAGE_BYTES)} resident: tables of the allocator`;
  if (stretch.occupiedPages === 0) return `${size}, no live block`;
  return `${size}, ${formatShare(stretch.liveBytes, stretch.occupiedPages * PAGE_BYTES)} full`;
}

/** What is on a page, in lines. */
export function pageWords(facts: PageFacts | null, nameOf: (classNumber: number) => string): string[] {
  if (facts === null) return ['not read yet'];
  if (facts.blocks === 0) {
    if (facts.isMetadata) return ['metadata: tables of the allocator'];
    return [facts.isResident ? 'retained: resident, no live block' : 'not resident, no live block'];
  }
  const fill = `${formatShare(facts.liveBytes, PAGE_BYTES)} full: ${formatBytes(facts.liveBytes)} of ${formatBytes(PAGE_BYTES)}`;
  const lines = [fill, `${plural(facts.blocks, 'block')}, class ${nameOf(facts.class)}`];
  return facts.isResident ? lines : [...lines, 'not resident'];
}
