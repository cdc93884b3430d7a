// SPDX-License-Identifier: MIT
// What is filtered and searched for, each with a way to let go of it. One that the page cannot obey says so: its figures
// are not of what passes.
import { useEffect, useRef, useState } from 'preact/hooks';
import { addActions } from '~/keys/actions';
import { shownKeys } from '~/keys/table';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { change, t, view } from '~/store/view';
import { emptyFilter, filterPrint } from '~/state/filter';
import { pageTitles } from '~/state/state';
import type { Page, State } from '~/state/state';
import type { ClassSize } from '~/text/class_size';
import { formatText } from '~/text/foreign';
import { filterText, parseFilterText } from './filter_text';

interface ChipFacts {
  text: string;
  pages: readonly Page[];
  remove: Partial<State>;
}

const OF_PROCESS: readonly Page[] = [
  'overview',
  'classes',
  'map',
  'stacks',
  'sites',
  'blocks',
  'findings',
  'processes',
];
const OF_SEARCH: readonly Page[] = ['overview', 'stacks', 'sites', 'blocks', 'findings', 'processes'];

function chipsOf({ filter, process, search }: State, classes: readonly ClassSize[]): ChipFacts[] {
  const none = emptyFilter();
  const { class: number, function: name, leastBytes, mostBytes } = filter;
  const chip = (part: Partial<typeof filter>, pages: readonly Page[], clear: Partial<typeof filter>): ChipFacts => ({
    text: filterPrint({ ...none, ...part }, classes),
    pages,
    remove: { filter: { ...filter, ...clear } },
  });
  const all: ChipFacts[] = [
    { text: process === 0 ? '' : `process:${process}`, pages: OF_PROCESS, remove: { process: 0 } },
    chip({ class: number }, ['classes', 'map', 'sites', 'blocks'], { class: null }),
    chip({ leastBytes, mostBytes }, ['classes', 'map', 'sites', 'lifetimes', 'blocks'], {
      leastBytes: 0,
      mostBytes: 0,
    }),
    chip({ function: name }, ['classes', 'map', 'stacks', 'sites', 'blocks'], { function: '' }),
    { text: search === '' ? '' : `/${search}`, pages: OF_SEARCH, remove: { search: '' } },
  ];
  return all.filter(({ text }) => text !== '');
}

function elsewhere({ pages }: ChipFacts): string {
  return `what is shown here is not filtered so; it is on ${pages.map((page) => pageTitles[page]).join(', ')}`;
}

function Chip({ chip, page }: { chip: ChipFacts; page: Page }) {
  const isInForce = chip.pages.includes(page);
  const text = formatText(chip.text);
  return (
    <span class={`chip ${isInForce ? '' : 'quiet'}`} title={isInForce ? '' : elsewhere(chip)}>
      {isInForce ? text : `(${text}: not on this page)`}
      <button type="button" aria-label={`Remove ${text}`} onClick={() => change(chip.remove, 'push')}>
        ×
      </button>
    </span>
  );
}

function Field({ classes, onClose }: { classes: readonly ClassSize[]; onClose: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(() => filterText(view.peek(), classes));
  const [refusal, setRefusal] = useState('');
  useEffect(() => field.current?.select(), []);
  const take = () => {
    try {
      change(parseFilterText(text, classes), 'push');
      onClose();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form
      class="goto"
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <input
        ref={field}
        size={34}
        value={text}
        aria-label="Filter"
        aria-invalid={refusal !== ''}
        placeholder="class:48 size:64-1k fn:parse process:2"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={onClose}
      />
      {refusal && (
        <span role="alert" class="refused">
          {refusal}
        </span>
      )}
    </form>
  );
}

export function Chips() {
  const [isOpen, setOpen] = useState(false);
  const { reel, filter, process, page } = view.value;
  const wanted = isOpen || filter.class !== null ? { t: t.value, process } : null;
  const answer = useRows(reel, 'Classes', wanted).value;
  const classes: ClassSize[] = answer ? rowsOf(answer.columns) : [];
  addActions({ FILTER: () => setOpen(true) });
  return (
    <span class="row chips">
      {isOpen ? (
        <Field classes={classes} onClose={() => setOpen(false)} />
      ) : (
        <>
          {chipsOf(view.value, classes).map((chip) => (
            <Chip key={chip.text} chip={chip} page={page} />
          ))}
          <button type="button" title={`Keeps only some (${shownKeys('FILTER')})`} onClick={() => setOpen(true)}>
            Filter
          </button>
        </>
      )}
    </span>
  );
}
