// SPDX-License-Identifier: MIT
// Answers in components.
import { useEffect, useLayoutEffect, useMemo } from 'preact/hooks';
import { showQuery } from '~/store/queries';
import { isSettled } from '~/store/settled';
import { generation, source } from '~/store/source';
import { addressOf } from './address';
import { Asker } from './asker';
import type { Shown } from './asker';
import type { Answer, BlobName, Name, Parameters, RowsName } from './source';

export interface Asked<T> extends Shown<T> {
  cancel: () => void;
  again: () => void;
}

function useAsker<T>(reel: number, name: Name, parameters: object | null, run: (abort: AbortSignal) => Promise<T>) {
  const asker = useMemo(() => new Asker<T>(), []);
  useEffect(() => () => asker.cancel(), [asker]);
  const key =
    parameters &&
    `${addressOf(reel, name, parameters as Record<string, unknown>)} ${isSettled(parameters as Record<string, unknown>) ? '' : generation(reel)}`;
  // Before the frame that shows the moment is drawn, not after it: the answer is found meanwhile.
  useLayoutEffect(() => {
    if (key !== null) asker.ask(key, run);
  }, [key]);
  const shown = asker.shown.value;
  return {
    ...shown,
    isStale: shown.isStale || (shown.value !== undefined && shown.key !== key),
    cancel: () => asker.cancel(),
    again: () => asker.again(),
  };
}

/** The rows that answer a question about a reel; nothing is asked while parameters are null. */
export function useRows<N extends RowsName>(reel: number, name: N, parameters: Parameters<N> | null): Asked<Answer<N>> {
  const asked = useAsker(reel, name, parameters, (abort) =>
    source.rows(reel, name, parameters as Parameters<N>, abort),
  );
  const sql = (asked.value as { sql?: string } | undefined)?.sql;
  useEffect(() => (sql ? showQuery({ name, sql }) : undefined), [name, sql]);
  return asked;
}

/** The same for answers that are a blob. */
export function useBlob<N extends BlobName>(
  reel: number,
  name: N,
  parameters: Parameters<N> | null,
): Asked<ArrayBuffer> {
  return useAsker(reel, name, parameters, (abort) => source.blob(reel, name, parameters as Parameters<N>, abort));
}
