// SPDX-License-Identifier: MIT
// Reels for all browser tests, recorded once for a run: programs that nobody here wrote, and one with a planted culprit.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
export const HEAPREEL = resolve(process.env['HEAPREEL_BIN'] ?? join(ROOT, 'build/dev/bin/heapreel'));
const SAMPLES = resolve(dirname(HEAPREEL), '../lib/heapreel/samples');
const RECORD_MS = 120_000;
const JSON_JOB =
  'import json; d = {str(i): [i, str(i)] * 4 for i in range(4000)}; print(len(json.dumps(json.loads(json.dumps(d)))))';
const QUERY = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<9000) SELECT count(hex(i)) FROM n';

declare module 'vitest' {
  interface ProvidedContext {
    reels: { folder: string; planted: string; zoned: string; python: string; sqlite: string; processes: string };
  }
}

export function record(path: string, command: string[], options: string[] = []): string {
  const environment = { ...process.env, PYTHONMALLOC: 'malloc', PYTHONHASHSEED: '0' };
  execFileSync(HEAPREEL, ['record', ...options, '-o', path, '--', ...command], {
    env: environment,
    stdio: 'ignore',
    timeout: RECORD_MS,
  });
  return path;
}

export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'heapreel-browser-'));
  const at = (name: string) => join(folder, name);
  project.provide('reels', {
    folder,
    planted: record(at('planted.reel'), [join(SAMPLES, 'log_ring')]),
    zoned: record(at('zoned.reel'), [join(SAMPLES, 'dfree')], ['--allocator', 'zoned']),
    python: record(at('python.reel'), ['/usr/bin/python3', '-c', JSON_JOB]),
    sqlite: record(at('sqlite.reel'), ['sqlite3', ':memory:', QUERY]),
    processes: record(at('processes.reel'), ['sh', '-c', 'ls / | sort; true']),
  });
  return () => rmSync(folder, { recursive: true });
}
