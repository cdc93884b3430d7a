// SPDX-License-Identifier: MIT
// Sentences of what is wrong with a heap and its program: the twin of text/advice.c. Puts figures of the engine into
// sentences; decides nothing.
import type { ClassSize } from './class_size';
import { classSize } from './class_size';
import { formatText } from './foreign';
import type { Amount } from './format';
import { formatBytes, formatCount, formatDuration, formatTime } from './format';

export const ADVICE_HEADING =
  'blocks that pin more than they hold, and would not in memory of their own (a pool or an arena)';
export const ADVICE_NOT_COMPLETE = 'NOT COMPLETE: the recording is still running or was cut off';
const NEIGHBOUR_EVENTS = 2 ** 20; // before the moment, in which the engine looks for neighbours

// As advice_at gives it.
export interface Advice {
  live_blocks: number;
  live_bytes: number;
  alone_pages: number;
  median_age_ns: number;
  neighbour_stack: number | null; // null: not known, as the next two
  neighbour_lifetime_ns: number | null;
  neighbour_blocks: number | null;
}

// As sparse_at gives it.
export interface Sparse {
  pages: number;
  pinned_bytes: number;
  live_blocks: number;
  usable_bytes: number;
}

// As the table `loss` has it.
export interface Loss {
  process: number; // 0: the run
  kind: string;
  loss_count: number;
}

// As the table `stack_difference` has it.
export interface Difference {
  number: number; // in the process, from 1
  process: number;
  thread: number;
  t_ns: number;
}

// As the table `finding` has it: sizes and addresses of 64 bits, with a sign.
export interface Finding {
  process: number;
  event: number;
  kind: string | null;
  address: Amount;
  size_bytes: Amount;
  true_size_bytes: Amount | null; // null: not told
}

// "3 blocks"
function counted(count: Amount, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 || count === 1n ? '' : 's'}`;
}

// "pinned by 4 096 blocks of 448 KiB, class 64, 12.5 s old (median); on 12 pages nothing else lives"; the class is that
// of the advice.
export function advicePinned(advice: Advice, size: ClassSize): string {
  const alone = advice.alone_pages === 0 ? '' : `; on ${counted(advice.alone_pages, 'page')} nothing else lives`;
  const blocks = `${counted(advice.live_blocks, 'block')} of ${formatBytes(advice.live_bytes)}`;
  return `pinned by ${blocks}, class ${classSize(size)}, ${formatDuration(advice.median_age_ns)} old (median)${alone}`;
}

// Of the blocks that were freed beside them; "" where that is not known.
export function adviceNeighbour(advice: Advice): string {
  if (advice.neighbour_stack === null) return '';
  const blocks = counted(advice.neighbour_blocks ?? 0, 'block');
  const lifetime = formatDuration(advice.neighbour_lifetime_ns ?? 0);
  const events = formatCount(NEIGHBOUR_EVENTS);
  return `on their pages ${blocks} of one stack were freed in the last ${events} events, after ${lifetime} each (median)`;
}

// "12 pages under 25 % full hold ..."; "" where there are none.
export function adviceSparse(sparse: Sparse): string {
  if (sparse.pages === 0) return '';
  const [holds, them] = sparse.pages === 1 ? ['holds', 'it'] : ['hold', 'them'];
  const pages = `${counted(sparse.pages, 'page')} under 25 % full ${holds} ${formatBytes(sparse.pinned_bytes)}`;
  const blocks = `the ${formatBytes(sparse.usable_bytes)} of ${counted(sparse.live_blocks, 'block')} there`;
  return `${pages}; freeing ${blocks} would release ${them}`;
}

// What is missing from a recording, before any figure because it changes what they mean.
export function adviceLost(events: Amount): string {
  return `LOST: ${formatCount(events)} events; the figures below are too small`;
}

export function adviceDamaged(events: Amount): string {
  return `DAMAGED: ${formatCount(events)} events before here cannot be read`;
}

export function adviceMissing(loss: Loss): string {
  const process = loss.process === 0 ? '' : ` (process ${loss.process})`;
  return `MISSING: ${formatCount(loss.loss_count)} ${formatText(loss.kind)}${process}`;
}

// "WRONG STACKS: 3 of 1 000; the first are below"
export function adviceWrongStacks(differences: Amount, verified: Amount): string {
  return `WRONG STACKS: ${formatCount(differences)} of ${formatCount(verified)}; the first are below`;
}

// "wrong stack 1 of process 1, thread 2, at 0.120 s": captured both ways, with two results.
export function adviceDifference(difference: Difference): string {
  const { number, process, thread, t_ns } = difference;
  return `wrong stack ${number} of process ${process}, thread ${thread}, at ${formatTime(t_ns)}`;
}

const misuses = [
  'double free',
  'invalid free',
  'misaligned free',
  'wrong size',
  'write after free',
  'overflow',
  'absurd size',
];

// "2 double free, 1 overflow", from the counts by kind.
export function adviceMisuses(counts: Readonly<Record<string, number>>): string {
  const found = misuses.filter((kind) => (counts[kind] ?? 0) !== 0);
  return found.map((kind) => `${formatCount(counts[kind] ?? 0)} ${kind}`).join(', ');
}

function unsigned(value: Amount): bigint {
  return BigInt.asUintN(64, BigInt(value));
}

function sizes({ kind, size_bytes, true_size_bytes }: Finding): string {
  const size = formatCount(unsigned(size_bytes));
  const whole = unsigned(true_size_bytes ?? 0);
  const said =
    kind === 'wrong size'
      ? `, claimed to have ${size} bytes`
      : kind === 'overflow' || kind === 'write after free'
        ? `, first at byte ${size}`
        : '';
  return `${said}${whole === 0n ? '' : ` of ${formatCount(whole)}`}`;
}

// "double free at 0x7f... (process 1, after 12 events)", and what the sizes mean.
export function adviceMisuse(finding: Finding): string {
  const kind = misuses.find((misuse) => misuse === finding.kind) ?? 'misuse';
  const where =
    kind === 'absurd size'
      ? ` of ${formatCount(unsigned(finding.size_bytes))} bytes`
      : ` at 0x${unsigned(finding.address).toString(16)}`;
  return `${kind}${where}${sizes(finding)} (process ${finding.process}, after ${finding.event} events)`;
}
