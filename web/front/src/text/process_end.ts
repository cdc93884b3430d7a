// SPDX-License-Identifier: MIT
// How a process ended, in a word or two: the twin of text/process_end.c. Signals have the names of Linux, whatever
// machine shows them.

// As the table `process` has it.
export interface ProcessEnd {
  end_kind: string | null; // null: it runs
  exit_status: number | null;
  signal: number | null;
}

// [number - 1]
const signals = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT ' +
  'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS'
).split(' ');

function nameOf(signal: number): string {
  const name = signals[signal - 1];
  return name === undefined ? `signal ${signal}` : `SIG${name}`;
}

const words = ['exec', 'stopped', 'unknown'];

// "exit 0", "SIGKILL", "signal 40", "exec", "stopped", "unknown", "running"
export function processEnd(process: ProcessEnd): string {
  if (process.end_kind === null) return 'running';
  if (process.end_kind === 'exited') return `exit ${process.exit_status ?? 0}`;
  if (process.end_kind === 'signalled') return nameOf(process.signal ?? 0);
  return words.includes(process.end_kind) ? process.end_kind : 'unknown';
}
