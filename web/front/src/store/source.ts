// SPDX-License-Identifier: MIT
// The source of this page's answers, and the reels that it has.
import { signal } from '@preact/signals';
import { Server } from '~/source/server';
import type { ReelFacts, Source } from '~/source/source';

export let source: Source = new Server();
export const reels = signal<ReelFacts[]>([]);

/** For a report, which brings its answers with it, and for tests. */
export function useSource(other: Source): void {
  source = other;
}

/** Learns which reels there are and how far they are. */
export async function refreshReels(abort?: AbortSignal): Promise<void> {
  const found = await source.reels(abort);
  if (JSON.stringify(found) !== JSON.stringify(reels.peek())) reels.value = found;
}

/** Changes when the reel does, so that answers are asked for anew. */
export function generation(reel: number): string {
  return reels.value[reel]?.generation ?? '';
}
