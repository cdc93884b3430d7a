// SPDX-License-Identifier: MIT
// Frames and stacks as people read them: the twin of text/stack.c. Frames of Heapreel's own library are left out, they
// are not the program's.
import { formatText } from './foreign';

export interface Frame {
  function: string | null; // null: not known, as the next ones
  file: string | null;
  line: number | null;
  module: string | null; // path
  is_inlined: number | boolean;
  offset: number | null; // return address as offset in the module, or absolute without one
}

const OWN_LIBRARY = 'libheapreel.so';
const LINE_FRAMES = 3;

// What follows the last slash.
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

// Whether a module is the library that records.
export function isOwnModule(path: string | null): boolean {
  return path !== null && baseName(path).startsWith(OWN_LIBRARY);
}

// The function's name, or its address.
export function functionName(frame: Frame): string {
  return frame.function === null ? `0x${(frame.offset ?? 0).toString(16)}` : formatText(frame.function);
}

// "file.c:12 (inlined)", or nothing.
export function placeName(frame: Frame): string {
  const file = formatText(baseName(frame.file ?? ''));
  const line = frame.line !== null && frame.line > 0 ? `:${frame.line}` : '';
  return file === '' ? '' : `${file}${line}${frame.is_inlined ? ' (inlined)' : ''}`;
}

// "f (file.c:12)"
export function frameName(frame: Frame): string {
  const place = placeName(frame);
  return `${functionName(frame)}${place === '' ? '' : ` (${place})`}`;
}

// In place of frames where there are none to show; null: blocks without a stack.
export function nameless(stack: number | null): string {
  return stack === null || stack === 0 ? '(no stack)' : "(in Heapreel's own library)";
}

function programFrames(frames: readonly Frame[]): Frame[] {
  return frames.filter((frame) => !isOwnModule(frame.module));
}

// The innermost frame of a stack in words: "f (file.c:12)". A sentence has no room for what is inlined.
export function stackName(stack: number | null, frames: readonly Frame[]): string {
  const innermost = programFrames(frames)[0];
  return innermost === undefined ? nameless(stack) : frameName({ ...innermost, is_inlined: false });
}

// The innermost frames in one line: "f (file.c:12) < g (file.c:40) < ..."
export function stackLine(stack: number | null, frames: readonly Frame[]): string {
  const shown = programFrames(frames).slice(0, LINE_FRAMES);
  return shown.length === 0 ? nameless(stack) : shown.map(frameName).join(' < ');
}
