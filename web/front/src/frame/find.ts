// SPDX-License-Identifier: MIT
// Finds entries by words: all of them have to be in it, those that begin with what was written come first.
export interface Entry {
  title: string;
  kind: string;
  /** Beside the title: a key, a figure. */
  hint: string;
  /** Also found by these. */
  words?: string;
  act: () => void;
}

function rank(entry: Entry, written: string): number {
  const title = entry.title.toLowerCase();
  if (title.startsWith(written)) return 0;
  return title.includes(written) ? 1 : 2;
}

export function found(entries: readonly Entry[], written: string, most: number): Entry[] {
  const text = written.trim().toLowerCase();
  const words = text.split(/\s+/);
  const has = (entry: Entry) => {
    const all = `${entry.kind} ${entry.title} ${entry.words ?? ''}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const ranked = entries.filter(has).map((entry, place) => ({ entry, place, rank: rank(entry, text) }));
  ranked.sort((left, right) => left.rank - right.rank || left.place - right.place);
  return ranked.slice(0, most).map(({ entry }) => entry);
}
