// SPDX-License-Identifier: MIT
// A report begins: its answers are taken out of the page, and then all is as with a server.
import { Report } from '~/source/report';
import { recordsOf, unpacked } from '~/source/report_pack';
import { useSource } from '~/store/source';
import { noteOf } from './note';

async function main(): Promise<void> {
  const packed = document.getElementById('answers')?.textContent?.trim() ?? '';
  const report = new Report(recordsOf(await unpacked(packed)));
  useSource(Object.assign(report, { Note: noteOf(report) }));
  await import('~/main');
}

main().catch((error: unknown) => {
  const root = document.getElementById('app');
  if (root) root.textContent = `The report cannot be shown: ${String(error)}. Make it anew with heapreel report.`;
});
