// SPDX-License-Identifier: MIT
// What is searched for in the page, as it is typed.
import { useRef } from 'preact/hooks';
import { act, addActions } from '~/keys/actions';
import { shownKeys } from '~/keys/table';
import { change, view } from '~/store/view';

const SEARCH_MOST = 63;

export function Search() {
  const field = useRef<HTMLInputElement>(null);
  addActions({ SEARCH: () => field.current?.select() });
  return (
    <input
      ref={field}
      type="search"
      size={14}
      maxLength={SEARCH_MOST}
      value={view.value.search}
      placeholder={`search (${shownKeys('SEARCH')})`}
      aria-label="Search names in the page"
      spellcheck={false}
      onInput={(event) => change({ search: event.currentTarget.value })}
      onKeyDown={(event) => {
        if (event.key === 'Enter') act(event.shiftKey ? 'SEARCH_PREVIOUS' : 'SEARCH_NEXT');
      }}
    />
  );
}
