// SPDX-License-Identifier: MIT
// Losses in the few words of a badge.
import { formatCount } from '../text/format';

export interface Loss {
  kind: string;
  loss_count: number;
}

const TOLD_BY_PROGRESS = 'recording not finished';

/** "1 234 lost events", "17 wrong stacks and more"; "" where nothing is missing. */
export function lossesText(losses: readonly Loss[]): string {
  const counts = new Map<string, number>();
  for (const { kind, loss_count } of losses)
    if (kind !== TOLD_BY_PROGRESS) counts.set(kind, Math.max(counts.get(kind) ?? 0, loss_count));
  const [first] = counts;
  if (!first) return '';
  return `${formatCount(first[1])} ${first[0]}${counts.size > 1 ? ' and more' : ''}`;
}
