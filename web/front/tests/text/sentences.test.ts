// SPDX-License-Identifier: MIT
// Names and sentences read as in the terminal.
import { expect, test } from 'vitest';
import type { Advice, Difference, Finding, Loss, Sparse } from '../../src/text/advice';
import * as advice from '../../src/text/advice';
import { classSize, type ClassSize } from '../../src/text/class_size';
import { processEnd, type ProcessEnd } from '../../src/text/process_end';
import type { Frame } from '../../src/text/stack';
import * as stack from '../../src/text/stack';
import { type VerdictFacts, verdictKind, type VerdictKind, verdictPrint, verdictRemark } from '../../src/text/verdict';
import { vectors } from '../vectors';

type Told<Facts> = (Facts & { text: string })[];

// Each row of them, at least one, is said as its text has it.
function checkAll<Facts>(rows: Told<Facts>, say: (facts: Facts) => string) {
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(say(row)).toBe(row.text);
}

test('classes are called by their sizes', () => {
  checkAll(vectors<{ sizes: Told<{ size: ClassSize }> }>('class_size').sizes, ({ size }) => classSize(size));
});

test('ends of processes read as shells say them', () => {
  checkAll(vectors<{ ends: Told<ProcessEnd> }>('process_end').ends, processEnd);
  expect(processEnd({ end_kind: 'eaten', exit_status: null, signal: null })).toBe('unknown');
});

const verdicts = vectors<{
  sentences: Told<{ facts: VerdictFacts; kind: VerdictKind }>;
  remarks: Told<{ kind: VerdictKind; is_worst: boolean }>;
}>('verdict');

test('heaps of each kind have their verdict', () => {
  checkAll(verdicts.sentences, ({ facts }) => verdictPrint(facts));
  for (const { facts, kind } of verdicts.sentences) expect(verdictKind(facts)).toBe(kind);
});

test("remarks on a verdict are the terminal's, but for what its keys do alone", () => {
  const remarks = verdicts.remarks.map((row) => ({
    ...row,
    text: row.text.replace('Enter opens the stack.', 'The flame graph shows by whom.'),
  }));
  checkAll(remarks, ({ kind, is_worst }) => verdictRemark(kind, is_worst));
});

const advices = vectors<{
  pinned: Told<{ advice: Advice; size: ClassSize }>;
  neighbour: Told<{ advice: Advice }>;
  sparse: Told<{ sparse: Sparse }>;
  lost: Told<{ events: number }>;
  damaged: Told<{ events: number }>;
  missing: Told<{ loss: Loss }>;
  wrong_stacks: Told<{ differences: number; verified: number }>;
  difference: Told<{ difference: Difference }>;
  misuses: Told<{ counts: Record<string, number> }>;
  misuse: Told<{ finding: Finding }>;
}>('advice');

test('what pins is told with its neighbours', () => {
  checkAll(advices.pinned, (row) => advice.advicePinned(row.advice, row.size));
  checkAll(advices.neighbour, (row) => advice.adviceNeighbour(row.advice));
  checkAll(advices.sparse, ({ sparse }) => advice.adviceSparse(sparse));
});

test('what is missing or wrong in the recording is told', () => {
  checkAll(advices.lost, ({ events }) => advice.adviceLost(events));
  checkAll(advices.damaged, ({ events }) => advice.adviceDamaged(events));
  checkAll(advices.missing, ({ loss }) => advice.adviceMissing(loss));
  checkAll(advices.wrong_stacks, (row) => advice.adviceWrongStacks(row.differences, row.verified));
  checkAll(advices.difference, ({ difference }) => advice.adviceDifference(difference));
});

test('misuses are counted and told', () => {
  checkAll(advices.misuses, ({ counts }) => advice.adviceMisuses(counts));
  checkAll(advices.misuse, ({ finding }) => advice.adviceMisuse(finding));
});

const stacks = vectors<{
  base_name: Told<{ path: string }>;
  own_module: { path: string | null; is_own: boolean }[];
  frame: { frame: Frame; function: string; place: string }[];
  nameless: Told<{ stack: number }>;
}>('stack');

test('frames have a function and a place', () => {
  checkAll(stacks.base_name, ({ path }) => stack.baseName(path));
  checkAll(stacks.nameless, (row) => stack.nameless(row.stack));
  for (const { path, is_own } of stacks.own_module) expect(stack.isOwnModule(path)).toBe(is_own);
  for (const row of stacks.frame) {
    expect(stack.functionName(row.frame)).toBe(row.function);
    expect(stack.placeName(row.frame)).toBe(row.place);
  }
});

const frame: Frame = { function: 'f', file: '/a/f.c', line: 7, module: '/bin/app', is_inlined: 1, offset: 1 };
const own: Frame = { ...frame, module: '/lib/libheapreel.so' };

test('a stack is named by its innermost frames, without those of the library that records', () => {
  const frames = [own, frame, { ...frame, function: 'g', file: null }, frame, frame];
  expect(stack.stackName(3, frames)).toBe('f (f.c:7)');
  expect(stack.stackLine(3, frames)).toBe('f (f.c:7 (inlined)) < g < f (f.c:7 (inlined))');
  expect(stack.stackName(null, [])).toBe('(no stack)');
  expect(stack.stackLine(3, [own])).toBe("(in Heapreel's own library)");
});
