-- SPDX-License-Identifier: MIT
-- The tables of a reel, format version 4. Events are not rows: they lie in chunks, and the virtual table `events` of the
-- loadable extension shows them as rows. Units are in the names: _bytes, _ns (since the recording began, unless the name
-- says otherwise). `events` counts allocations, frees and resizes, `*_event` is the number of an event, from 0.
--
-- Ids are dense and start at 1. Every figure is right at every commit: a reel that was cut off is complete up to there.

PRAGMA application_id = 1380271436; -- "REEL"
PRAGMA user_version = 5;

-- The recording as a whole. One row.
CREATE TABLE run (
    run                    INTEGER PRIMARY KEY CHECK (run = 1),
    command                TEXT,             -- as the user would type it
    allocator              TEXT,             -- name of the backend
    stacks                 TEXT,             -- on, alloc, off, verify
    when_full              TEXT,             -- what a full ring does: wait, drop
    host                   TEXT,             -- node name and kernel
    version                TEXT,             -- of Heapreel
    start_unix_ns          INTEGER NOT NULL, -- wall clock at t_ns = 0
    ticks_per_second       INTEGER NOT NULL, -- of the clock that stamped the events
    is_complete            INTEGER NOT NULL DEFAULT 0, -- 1 once the recording was finished in order
    duration_ns            INTEGER NOT NULL DEFAULT 0,
    events                 INTEGER NOT NULL DEFAULT 0,
    allocations            INTEGER NOT NULL DEFAULT 0,
    frees                  INTEGER NOT NULL DEFAULT 0,
    resizes                INTEGER NOT NULL DEFAULT 0,
    temporary_allocations  INTEGER NOT NULL DEFAULT 0, -- freed by the very next event of the thread
    total_requested_bytes  INTEGER NOT NULL DEFAULT 0, -- of all allocations, and what resizes added
    live_blocks            INTEGER NOT NULL DEFAULT 0, -- of the processes that run
    live_bytes             INTEGER NOT NULL DEFAULT 0,
    peak_live_bytes        INTEGER NOT NULL DEFAULT 0, -- greatest live_bytes there has been
    peak_event             INTEGER,                    -- event that reached it; NULL: nothing was ever live
    peak_t_ns              INTEGER NOT NULL DEFAULT 0,
    leaked_blocks          INTEGER NOT NULL DEFAULT 0, -- sum over the processes
    leaked_bytes           INTEGER NOT NULL DEFAULT 0,
    unknown_frees          INTEGER NOT NULL DEFAULT 0,
    inherited_frees        INTEGER NOT NULL DEFAULT 0,
    lost_events            INTEGER NOT NULL DEFAULT 0,
    late_events            INTEGER NOT NULL DEFAULT 0,
    waits                  INTEGER NOT NULL DEFAULT 0,
    wait_ns                INTEGER NOT NULL DEFAULT 0,
    committed_events       INTEGER NOT NULL DEFAULT 0,
    verify_count           INTEGER NOT NULL DEFAULT 0,
    verify_differences     INTEGER NOT NULL DEFAULT 0,
    peak_resident_bytes    INTEGER NOT NULL DEFAULT 0, -- greatest sum over the processes that ran at a sample
    threads                INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A process image: exec ends one and starts another. Order: of their beginning.
CREATE TABLE process (
    process                INTEGER PRIMARY KEY,
    pid                    INTEGER NOT NULL,
    parent_pid             INTEGER NOT NULL,
    parent_process         INTEGER, -- the recorded parent, or the image before exec
    is_fork                INTEGER NOT NULL, -- 1: started as a copy of parent_process
    fork_serial            INTEGER NOT NULL, -- of the parent's fork event; 0: no fork, or not announced
    fork_event             INTEGER, -- events in the reel when the parent announced the fork
    fork_begin_ns          INTEGER NOT NULL, -- the copy was made between these two
    fork_end_ns            INTEGER NOT NULL,
    command                TEXT, -- arguments separated by spaces
    executable             TEXT,
    begin_ns               INTEGER NOT NULL,
    begin_event            INTEGER NOT NULL, -- events in the reel before the process began
    end_ns                 INTEGER, -- NULL: it runs
    end_event              INTEGER, -- events in the reel when it ended
    end_kind               TEXT CHECK (end_kind IN ('exited', 'signalled', 'exec', 'stopped', 'unknown')),
    exit_status            INTEGER,
    signal                 INTEGER,
    inherited_blocks       INTEGER NOT NULL DEFAULT 0, -- live in the parent when it forked
    inherited_bytes        INTEGER NOT NULL DEFAULT 0,
    duration_ns            INTEGER NOT NULL DEFAULT 0,
    events                 INTEGER NOT NULL DEFAULT 0,
    allocations            INTEGER NOT NULL DEFAULT 0,
    frees                  INTEGER NOT NULL DEFAULT 0,
    resizes                INTEGER NOT NULL DEFAULT 0,
    temporary_allocations  INTEGER NOT NULL DEFAULT 0,
    total_requested_bytes  INTEGER NOT NULL DEFAULT 0,
    live_blocks            INTEGER NOT NULL DEFAULT 0, -- allocated by this process and not freed, inherited ones apart
    live_bytes             INTEGER NOT NULL DEFAULT 0,
    peak_live_bytes        INTEGER NOT NULL DEFAULT 0,
    peak_event             INTEGER,
    peak_t_ns              INTEGER NOT NULL DEFAULT 0,
    leaked_blocks          INTEGER NOT NULL DEFAULT 0, -- live when the process ended
    leaked_bytes           INTEGER NOT NULL DEFAULT 0,
    unknown_frees          INTEGER NOT NULL DEFAULT 0, -- of addresses with no live block
    inherited_frees        INTEGER NOT NULL DEFAULT 0, -- of blocks that came with the fork
    lost_events            INTEGER NOT NULL DEFAULT 0, -- not recorded: full ring in drop mode, no ring, corrupt
    late_events            INTEGER NOT NULL DEFAULT 0, -- came after later ones: their time was moved forward
    waits                  INTEGER NOT NULL DEFAULT 0, -- times that a thread waited for room in its ring
    wait_ns                INTEGER NOT NULL DEFAULT 0,
    committed_events       INTEGER NOT NULL DEFAULT 0, -- as counted in the program
    verify_count           INTEGER NOT NULL DEFAULT 0, -- stacks captured both ways
    verify_differences     INTEGER NOT NULL DEFAULT 0,
    peak_resident_bytes    INTEGER NOT NULL DEFAULT 0, -- the kernel's high-water mark, as last seen
    threads                INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE thread (
    thread    INTEGER PRIMARY KEY,
    process   INTEGER NOT NULL,
    tid       INTEGER NOT NULL,
    name      TEXT,
    begin_ns  INTEGER NOT NULL,
    end_ns    INTEGER -- NULL: it runs, or its process ended first
) STRICT;

-- A file whose code was loaded, once for all processes.
CREATE TABLE module (
    module    INTEGER PRIMARY KEY,
    path      TEXT NOT NULL,
    build_id  BLOB
) STRICT;

-- Where a module lies in a process, since when.
CREATE TABLE mapping (
    mapping        INTEGER PRIMARY KEY,
    process        INTEGER NOT NULL,
    module         INTEGER NOT NULL,
    t_ns           INTEGER NOT NULL,
    bias           INTEGER NOT NULL, -- address in memory minus address in the file
    begin_address  INTEGER NOT NULL,
    end_address    INTEGER NOT NULL  -- one past the last byte
) STRICT;

-- A return address.
CREATE TABLE frame (
    frame           INTEGER PRIMARY KEY,
    module          INTEGER NOT NULL, -- 0: offset is an absolute address
    address_offset  INTEGER NOT NULL
) STRICT;

-- The functions at a frame: one, or several where calls were inlined. A frame without rows has no name (yet).
CREATE TABLE symbol (
    frame       INTEGER NOT NULL,
    depth       INTEGER NOT NULL, -- 0: innermost
    function    TEXT,             -- demangled; NULL: unknown
    file        TEXT,
    line        INTEGER,
    is_inlined  INTEGER NOT NULL,
    PRIMARY KEY (frame, depth)
) STRICT, WITHOUT ROWID;

-- A call stack: a frame, called from another stack. Parents have smaller ids.
CREATE TABLE stack (
    stack   INTEGER PRIMARY KEY,
    parent  INTEGER NOT NULL, -- 0: outermost; -1: frames further out were cut
    frame   INTEGER NOT NULL  -- innermost
) STRICT;

-- What the kernel says of a process's memory.
CREATE TABLE residency (
    residency            INTEGER PRIMARY KEY,
    process              INTEGER NOT NULL,
    t_ns                 INTEGER NOT NULL,
    resident_bytes       INTEGER NOT NULL,
    anonymous_bytes      INTEGER NOT NULL,
    file_bytes           INTEGER NOT NULL,
    swapped_bytes        INTEGER NOT NULL,
    peak_resident_bytes  INTEGER NOT NULL
) STRICT;
CREATE INDEX residency_by_time ON residency (process, t_ns);

-- Which pages of a process's private anonymous memory the kernel backs (docs/reel.md has the bytes). A sample without a row
-- has those of the process's last one.
CREATE TABLE resident_pages (
    residency  INTEGER PRIMARY KEY, -- the sample
    process    INTEGER NOT NULL,
    t_ns       INTEGER NOT NULL,
    data       BLOB NOT NULL
) STRICT;
CREATE INDEX resident_pages_by_process ON resident_pages (process);

-- Anything missing from the reel, in words.
CREATE TABLE loss (
    process     INTEGER NOT NULL, -- 0: the run
    kind        TEXT NOT NULL,
    loss_count  INTEGER NOT NULL,
    PRIMARY KEY (process, kind)
) STRICT, WITHOUT ROWID;

-- Stacks of a recording with `stacks` = verify on which both ways of capturing did not agree: the first 100 of each process.
CREATE TABLE stack_difference (
    process        INTEGER NOT NULL,
    number         INTEGER NOT NULL CHECK (number BETWEEN 1 AND 100), -- in the process
    thread         INTEGER, -- NULL: it has no event in the reel
    t_ns           INTEGER NOT NULL, -- when they were compared
    walked_stack   INTEGER, -- what the event has; NULL: none, for want of room
    unwound_stack  INTEGER, -- what libunwind found; NULL: none, for want of room
    PRIMARY KEY (process, number)
) STRICT, WITHOUT ROWID;

-- A run of up to 65536 events: what happened in it. With a row each it is the timeline of the run.
CREATE TABLE chunk (
    first_event      INTEGER PRIMARY KEY, -- number of its first event
    events           INTEGER NOT NULL,
    begin_ns         INTEGER NOT NULL, -- time of its first event
    end_ns           INTEGER NOT NULL, -- time of its last event
    allocations      INTEGER NOT NULL, -- in the chunk
    frees            INTEGER NOT NULL,
    resizes          INTEGER NOT NULL,
    requested_bytes  INTEGER NOT NULL, -- asked for in the chunk
    live_blocks      INTEGER NOT NULL, -- after its last event
    live_bytes       INTEGER NOT NULL,
    live_bytes_min   INTEGER NOT NULL, -- least and greatest after any of its events
    live_bytes_max   INTEGER NOT NULL
) STRICT;

-- The events of a chunk, encoded. Apart from the figures, so that these lie close together.
CREATE TABLE chunk_data (
    first_event  INTEGER PRIMARY KEY,
    data         BLOB NOT NULL
) STRICT;

-- What the live blocks of each class come to after the last event of a chunk, encoded (docs/reel.md). A chunk without a
-- row has none.
CREATE TABLE class_totals (
    first_event  INTEGER PRIMARY KEY,
    data         BLOB NOT NULL
) STRICT;

-- All live blocks after that many events, encoded (docs/keyframe.md): replay can begin there.
CREATE TABLE keyframe (
    events       INTEGER PRIMARY KEY,
    t_ns         INTEGER NOT NULL, -- of the last of them
    live_blocks  INTEGER NOT NULL,
    data         BLOB NOT NULL
) STRICT;

-- What an allocator of ours tells. Empty for all others. `event` is the number of events in the reel before it.

-- A size class. A block belongs to the class with its usable bytes; where two have the same, to the one whose
-- is_aligned is that of its allocation.
CREATE TABLE size_class (
    class_id      INTEGER PRIMARY KEY, -- of the allocator, from 0
    slot_bytes    INTEGER NOT NULL,
    usable_bytes  INTEGER NOT NULL, -- of a slot
    is_aligned    INTEGER NOT NULL, -- 1: its slots lie at multiples of their size
    event         INTEGER NOT NULL
) STRICT;

-- Address space that was reserved. A process that begins to be recorded names all that it has, a forked child as well.
CREATE TABLE zone (
    zone           INTEGER PRIMARY KEY,
    process        INTEGER NOT NULL,
    class_id       INTEGER, -- NULL: of no class
    role           TEXT NOT NULL CHECK (role IN ('slots', 'bump', 'chunks', 'metadata')),
    begin_address  INTEGER NOT NULL,
    zone_bytes     INTEGER NOT NULL,
    event          INTEGER NOT NULL,
    t_ns           INTEGER NOT NULL
) STRICT;

-- Pages of zones that became usable, or went back to the kernel.
CREATE TABLE page_change (
    page_change    INTEGER PRIMARY KEY,
    process        INTEGER NOT NULL,
    event          INTEGER NOT NULL,
    t_ns           INTEGER NOT NULL,
    begin_address  INTEGER NOT NULL,
    range_bytes    INTEGER NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('committed', 'returned'))
) STRICT;

-- The allocator's own books. With other threads at work each count may be off by what they have in hand.
CREATE TABLE class_census (
    class_census       INTEGER PRIMARY KEY,
    process            INTEGER NOT NULL,
    class_id           INTEGER NOT NULL,
    event              INTEGER NOT NULL,
    t_ns               INTEGER NOT NULL,
    carved_slots       INTEGER NOT NULL, -- handed out at least once
    used_slots         INTEGER NOT NULL, -- owned by the program
    quarantined_slots  INTEGER NOT NULL  -- freed, not yet to be reused
) STRICT;

-- What the program did wrong with its memory.
CREATE TABLE finding (
    finding           INTEGER PRIMARY KEY,
    process           INTEGER NOT NULL,
    thread            INTEGER NOT NULL,
    event             INTEGER NOT NULL,
    t_ns              INTEGER NOT NULL,
    kind              TEXT NOT NULL CHECK (kind IN ('double free', 'invalid free', 'misaligned free', 'wrong size',
                                                    'write after free', 'overflow', 'absurd size')),
    address           INTEGER NOT NULL, -- as the program gave it; 0: there is none
    size_bytes        INTEGER NOT NULL, -- claimed, wanted, or offset of the first wrong byte
    true_size_bytes   INTEGER,          -- of the slot or request; NULL: not told
    stack             INTEGER,          -- of the misuse
    free_event        INTEGER,          -- the free that was the misuse; NULL: it was none
    alloc_event       INTEGER,          -- allocation of the block; NULL: not found, or not yet
    alloc_stack       INTEGER,
    first_free_event  INTEGER, -- the free that ended the block's life before; NULL: none, not found, or not yet
    first_free_stack  INTEGER
) STRICT;

-- Slots of a class in a process. A forked child begins with those of its parent.
CREATE TABLE class_figures (
    process          INTEGER NOT NULL,
    class_id         INTEGER NOT NULL,
    carved_slots     INTEGER NOT NULL, -- allocations that were the first of their slot
    live_slots       INTEGER NOT NULL, -- holding a live block, when the process ended
    peak_live_slots  INTEGER NOT NULL, -- greatest live_slots there has been
    peak_event       INTEGER,          -- event that reached it; NULL: none, or one of the parent's
    PRIMARY KEY (process, class_id)
) STRICT, WITHOUT ROWID;

-- Sums over the classes of a process, and what its pages come to.
CREATE TABLE heap_figures (
    process               INTEGER PRIMARY KEY,
    carved_bytes          INTEGER NOT NULL, -- sum of slot_bytes * carved_slots
    bound_bytes           INTEGER NOT NULL, -- sum of slot_bytes * peak_live_slots: what the law of the classes allows
    live_slot_bytes       INTEGER NOT NULL, -- sum of slot_bytes * live_slots
    peak_slot_bytes       INTEGER NOT NULL, -- greatest live_slot_bytes there has been
    peak_event            INTEGER,          -- event that reached it; NULL: none, or one of the parent's
    committed_bytes       INTEGER NOT NULL, -- pages of zones for blocks, when the process ended
    peak_committed_bytes  INTEGER NOT NULL,
    metadata_bytes        INTEGER NOT NULL, -- pages of zones for the allocator's own tables
    peak_metadata_bytes   INTEGER NOT NULL
) STRICT;
