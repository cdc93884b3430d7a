// SPDX-License-Identifier: MIT
// heapreel web as its user starts it; the address is what it prints.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { HEAPREEL } from './reels';

export interface Server {
  /** With the token. */
  address: string;
  end: () => Promise<void>;
}

/** The first line of its output that matches; what is printed on stderr stands in the error if there is none. */
export async function lineOf(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let complaint = '';
  child.stderr?.on('data', (data) => (complaint += String(data)));
  if (child.stdout) {
    for await (const line of createInterface({ input: child.stdout })) {
      const found = pattern.exec(line);
      if (found) return found;
    }
  }
  throw new Error(`no line like ${pattern}: ${complaint}`);
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

export async function serve(...reels: string[]): Promise<Server> {
  const child = spawn(HEAPREEL, ['web', '--no-browser', ...reels], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [, address = ''] = await lineOf(child, /(http:\S+)/);
  return { address, end: () => stop(child) };
}
