// SPDX-License-Identifier: MIT
// The matrix of classes (rows) and time (columns). A click goes to the moment and selects the class.
import { useMemo, useRef, useState } from 'preact/hooks';
import { colourOf, cssOf, magnitude, magnitudes, mix } from '~/draw/palette';
import { Raster, cellOf, edges, fillCells } from '~/draw/raster';
import { Answered } from '~/parts/answered';
import { Canvas, useSize } from '~/parts/canvas';
import type { Drawing, Surface } from '~/parts/canvas';
import type { Columns } from '~/source/source';
import { useBlob } from '~/source/use_answer';
import { filter, goTo, resolved, select, selection, view } from '~/store/view';
import { classSize } from '~/text/class_size';
import { formatBytes, formatCount, formatShare, formatTime } from '~/text/format';
import { colourings, greatest, linesOf, momentText, mostLive, rowsOfGroups, shareOf, stepRow, timeOf } from './matrix';
import type { ClassLine, Colouring, MatrixRow } from './matrix';
import type { Groups } from './zones';

const POINT_PIXELS = 3; // of a point, about
const POINTS_STEP = 50; // so that a drag of the window's edge does not ask for each width
const POINTS_MAX = 500;
const GUTTER_PIXELS = 92;
const ROW_PIXELS_MAX = 18;
const ROW_PIXELS_MIN = 11;
const HEIGHT_PIXELS = 320; // that many classes share before they get more
const CLASSES_SHOWN = 24; // all are shown when they are asked for

const MEANINGS: Readonly<Record<Colouring, string>> = {
  live: 'live bytes',
  rounding: 'rounding, of usable bytes',
  vacant: 'vacant slots, of carved ones',
};

const ramp = `linear-gradient(to right, ${[0, 64, 128, 192, 255].map((at) => cssOf(magnitudes[at] ?? 0)).join(', ')})`;

/** What passes the filter is known at the moment alone. */
type Passed = Columns<'PassingClasses'> | undefined;

export function Matrix({ passing, groups }: { passing: Passed; groups: Groups | null | undefined }) {
  const { reel, process, zoom } = view.value;
  const holder = useRef<HTMLDivElement>(null);
  const { width } = useSize(holder);
  const [colouring, setColouring] = useState<Colouring>('live');
  const room = Math.max(1, width - GUTTER_PIXELS) / POINT_PIXELS;
  const points = Math.max(POINTS_STEP, Math.min(POINTS_MAX, Math.floor(room / POINTS_STEP) * POINTS_STEP));
  const stretch = zoom.endNs === null ? { t0_ns: zoom.beginNs } : { t0_ns: zoom.beginNs, t1_ns: zoom.endNs };
  const asked = useBlob(reel, 'ClassesOver', width > 0 ? { ...stretch, points, process } : null);
  return (
    <section class="panel stack" aria-label="Size classes over time">
      <div class="row">
        <h2>Classes over time</h2>
        <Chooser chosen={colouring} onChoose={setColouring} />
      </div>
      <div ref={holder}>
        <Answered asked={asked} what="classes over time">
          {(answer) => <Sheet answer={answer} width={width} colouring={colouring} passing={passing} groups={groups} />}
        </Answered>
      </div>
    </section>
  );
}

function Chooser(props: { chosen: Colouring; onChoose: (colouring: Colouring) => void }) {
  return (
    <label class="row">
      <span class="quiet">Colour</span>
      <select value={props.chosen} onChange={(event) => props.onChoose(event.currentTarget.value as Colouring)}>
        {colourings.map((each) => (
          <option key={each} value={each}>
            {MEANINGS[each]}
          </option>
        ))}
      </select>
    </label>
  );
}

interface Shape {
  lines: readonly ClassLine[];
  rows: readonly MatrixRow[]; // what is drawn of them
  points: number;
  width: number; // of the cells
  height: number;
}

interface SheetProps {
  answer: ArrayBuffer;
  width: number;
  colouring: Colouring;
  passing: Passed;
  groups: Groups | null | undefined; // null: there are no zones
}

function Sheet({ answer, width, colouring, passing, groups }: SheetProps) {
  const [cursor, setCursor] = useState<number | null>(null);
  const [isWhole, setWhole] = useState(false);
  const all = useMemo(() => linesOf(answer), [answer]);
  const chosen = selection.value.class;
  const shape = useMemo(() => {
    const lines = isWhole ? all : greatest(all, CLASSES_SHOWN, chosen);
    const rows = rowsOfGroups(lines, groups);
    const points = lines[0]?.live.length ?? 0;
    const row = Math.max(
      ROW_PIXELS_MIN,
      Math.min(ROW_PIXELS_MAX, Math.floor(HEIGHT_PIXELS / Math.max(1, rows.length))),
    );
    return { lines, rows, points, width: Math.max(1, width - GUTTER_PIXELS), height: row * rows.length };
  }, [all, isWhole, chosen, width, groups]);
  const drawing = useDrawing(shape, colouring, passing);
  if (shape.lines.length === 0) return <p class="note">No block lives in this stretch of time.</p>;
  if (colouring === 'vacant' && shape.lines.every((line) => line.vacant === null)) return <Untold />;
  const open = (cell: number) => {
    const line = shape.rows[Math.floor(cell / shape.points)];
    if (typeof line !== 'object') return;
    goTo({ text: momentText(timeOf(line, cell % shape.points, shape.points)) });
    select({ class: line.class_number });
  };
  return (
    <>
      <div class="class-sheet">
        <Canvas
          label="Size classes over time: arrow keys move in time and from class to class, Enter goes to the moment and selects the class"
          width={width}
          height={shape.height}
          drawing={drawing}
          cursor={cursor}
          onCursor={setCursor}
          onOpen={open}
        />
        <MomentLine shape={shape} />
      </div>
      <Legend shape={shape} colouring={colouring} />
      {groups === null && (
        <div class="quiet">No zones to group classes by: a block of any class may lie anywhere in the heap.</div>
      )}
      {passing && (
        <div class="quiet">Paler: classes without a block that passes at the moment. Cells are of all blocks.</div>
      )}
      {(isWhole || shape.lines.length < all.length) && (
        <div class="row quiet">
          {isWhole ? 'All classes.' : `The ${shape.lines.length} classes with most bytes, of ${all.length}.`}
          <button type="button" onClick={() => setWhole(!isWhole)}>
            {isWhole ? 'Show the greatest' : 'Show all'}
          </button>
        </div>
      )}
    </>
  );
}

function Untold() {
  return (
    <p class="note">
      The allocator of this program does not tell its slots. Recorded with one of Heapreel's own they are:{' '}
      <code>heapreel record --allocator zoned -- PROGRAM</code>
    </p>
  );
}

function Legend({ shape, colouring }: { shape: Shape; colouring: Colouring }) {
  const { lines } = shape;
  const [least, most] = colouring === 'live' ? ['1 B', formatBytes(mostLive(lines))] : ['0 %', '100 %'];
  return (
    <div class="row spread">
      <span class="quiet number">{formatTime(lines[0]?.beginNs ?? 0)}</span>
      <span class="row">
        {least} <i class="class-ramp" style={{ background: ramp }} /> {most}
        {colouring === 'live' && <span class="quiet">by powers of two</span>}
        <span class="quiet">· blank: nothing lives</span>
      </span>
      <span class="quiet number">{formatTime(lines[0]?.endNs ?? 0)}</span>
    </div>
  );
}

function describe({ rows, points }: Shape, cell: number): string {
  const line = rows[Math.floor(cell / points)];
  const point = cell % points;
  if (typeof line !== 'object') return '';
  const [live, usable] = [line.live[point] ?? 0, line.usable[point] ?? 0];
  const vacant = line.vacant ? `, ${formatBytes(line.vacant[point] ?? 0)} in vacant slots` : '';
  const blocks = `${formatCount(line.blocks[point] ?? 0)} blocks, ${formatBytes(live)} live`;
  const rounding = `rounding ${formatBytes(usable - live)}, ${formatShare(usable - live, usable)}`;
  return `class ${classSize(line)} at ${formatTime(timeOf(line, point, points))}: ${blocks}, ${rounding}${vacant}`;
}

function useDrawing(shape: Shape, colouring: Colouring, passing: Passed): Drawing {
  const { rows, points, width, height } = shape;
  const chosen = selection.value.class;
  const wanted = chosen ?? filter.value.class;
  const draw = useMemo(
    () => (surface: Surface) => {
      drawCells(surface, shape, colouring, ({ class_number: number }) => {
        return (wanted === null || number === wanted) && (!passing || passing.class_number.includes(number));
      });
      drawNames(surface, shape, chosen);
    },
    [shape, colouring, wanted, chosen, passing],
  );
  return {
    draw,
    cellAt: (x, y) => {
      const [row, point] = [cellOf(y, rows.length, height), cellOf(x - GUTTER_PIXELS, points, width)];
      return row === null || point === null || typeof rows[row] === 'string' ? null : row * points + point;
    },
    boxOf: (cell) => {
      const across = edges(points, width);
      const point = cell % points;
      const row = height / rows.length;
      const [left, right] = [across[point] ?? 0, across[point + 1] ?? 0];
      return { x: GUTTER_PIXELS + left, y: Math.floor(cell / points) * row, width: right - left, height: row };
    },
    step: (cell, right, down) => {
      if (cell === null) return stepRow(rows, 0, 0) * points + points - 1;
      const point = Math.max(0, Math.min(points - 1, (cell % points) + right));
      return stepRow(rows, Math.floor(cell / points), down) * points + point;
    },
    describe: (cell) => describe(shape, cell),
  };
}

/** Classes that are not the selected one, or do not pass the filter, are paler. */
const PALER = 0.72;

function drawCells(surface: Surface, shape: Shape, colouring: Colouring, isShown: (line: ClassLine) => boolean): void {
  const { context, width, height, ratio, style } = surface;
  const { lines, rows, points } = shape;
  const image = context.createImageData(width, height);
  const raster = Raster.of(image);
  const ground = colourOf(style('--raised'));
  const panel = colourOf(style('--panel'));
  const most = mostLive(lines);
  const left = Math.round(GUTTER_PIXELS * ratio);
  raster.pixels.fill(panel);
  raster.fill(left, 0, width - left, height, ground);
  fillCells(raster, { x: left, y: 0, width: width - left, height }, points, rows.length, (row, point) => {
    const line = rows[row];
    if (typeof line === 'string') return panel;
    const share = line ? shareOf(line, point, colouring, most) : null;
    if (!line || share === null) return null;
    return isShown(line) ? magnitude(share) : mix(magnitude(share), ground, PALER);
  });
  const down = edges(rows.length, height);
  for (const y of down) raster.fill(0, y - 1, width, 1, panel);
  context.putImageData(image, 0, 0);
}

function drawNames({ context, ratio, style }: Surface, { rows, height }: Shape, chosen: number | null): void {
  const row = height / rows.length;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = 'middle';
  rows.forEach((line, number) => {
    const isTitle = typeof line === 'string';
    const isChosen = !isTitle && line.class_number === chosen;
    context.textAlign = isTitle ? 'left' : 'right';
    context.font = `${isTitle ? '600 ' : isChosen ? '700 ' : ''}${Math.min(12, row - 1)}px ${style('--font')}`;
    context.fillStyle = style(isChosen || (chosen === null && !isTitle) ? '--text' : '--quiet');
    const y = (number + 0.5) * row;
    if (isTitle) context.fillText(line, 0, y);
    else context.fillText(`${isChosen ? '▸ ' : ''}${classSize(line)}`, GUTTER_PIXELS - 8, y, GUTTER_PIXELS - 10);
  });
  context.textAlign = 'left';
  context.setTransform(1, 0, 0, 1, 0, 0);
}

/** A line where the moment is: over the drawing, which stays as it is while the moment moves. */
function MomentLine({ shape: { lines, width } }: { shape: Shape }) {
  const tNs = resolved.value?.tNs ?? 0;
  const [begin, end] = [lines[0]?.beginNs ?? 0, lines[0]?.endNs ?? 0];
  if (end <= begin || tNs < begin || tNs > end) return null;
  const x = GUTTER_PIXELS + ((tNs - begin) / (end - begin)) * width;
  return <i class="class-moment" style={{ transform: `translateX(${x - 1}px)` }} />;
}
