// SPDX-License-Identifier: MIT
// One answer that is shown, and the question that is asked for the next. While somebody drags, questions come faster than
// answers: one is under way, only the newest waits, and what is shown stays until its successor is there.
import { signal } from '@preact/signals';
import type { ReadonlySignal } from '@preact/signals';
import { Refusal } from './source';

/** A question under way longer than this gives way to a newer one; the next has twice the time, up to an answer: else
 * one who drags over a large reel would see nothing but the end. */
const PATIENCE_MS = 250;
const PATIENCE_MOST_MS = 4000;

export interface Shown<T> {
  /** The last answer; of an older question while isStale. */
  value: T | undefined;
  /** Which question the value answers. */
  key: string | undefined;
  isStale: boolean;
  isBusy: boolean;
  /** Somebody did not want to wait for the answer any more. */
  isStopped: boolean;
  refusal: Refusal | undefined;
}

interface Wanted<T> {
  key: string;
  run: (abort: AbortSignal) => Promise<T>;
}

let underWay = 0;

/** Whether anybody waits for an answer. */
export function isAnyUnderWay(): boolean {
  return underWay > 0;
}

export class Asker<T> {
  private readonly state = signal<Shown<T>>({
    value: undefined,
    key: undefined,
    isStale: false,
    isBusy: false,
    isStopped: false,
    refusal: undefined,
  });
  private current: (Wanted<T> & { abort: AbortController; begin: number }) | undefined;
  private waiting: Wanted<T> | undefined;
  private last: Wanted<T> | undefined;
  private patienceMs = PATIENCE_MS;

  get shown(): ReadonlySignal<Shown<T>> {
    return this.state;
  }

  /** Asks, unless this is what was asked last and not stopped. */
  ask(key: string, run: Wanted<T>['run']): void {
    const shown = this.state.peek();
    if (this.last?.key === key && !shown.isStopped) return;
    this.last = { key, run };
    const isStale = shown.value !== undefined;
    if (!shown.isBusy || shown.isStopped || shown.isStale !== isStale)
      this.state.value = { ...shown, isStale, isBusy: true, isStopped: false };
    if (this.current === undefined) this.begin(this.last);
    else {
      this.waiting = this.last;
      if (performance.now() - this.current.begin > this.patienceMs) {
        this.patienceMs = Math.min(2 * this.patienceMs, PATIENCE_MOST_MS);
        this.current.abort.abort();
      }
    }
  }

  /** Stops what is under way; the last answer stays. */
  cancel(): void {
    if (this.current === undefined) return;
    this.waiting = undefined;
    this.state.value = { ...this.state.peek(), isBusy: false, isStopped: true };
    this.current.abort.abort();
  }

  /** Asks the last question once more. */
  again(): void {
    const wanted = this.last;
    this.last = undefined;
    if (wanted) this.ask(wanted.key, wanted.run);
  }

  private begin(wanted: Wanted<T>): void {
    const abort = new AbortController();
    this.current = { ...wanted, abort, begin: performance.now() };
    underWay++;
    wanted.run(abort.signal).then(
      (value) => {
        this.patienceMs = PATIENCE_MS;
        this.end({ value, key: wanted.key, isStale: false, isBusy: false, isStopped: false, refusal: undefined });
      },
      (error: unknown) => this.end({ ...this.state.peek(), isBusy: false, refusal: refusalOf(error) }),
    );
  }

  private end(shown: Shown<T>): void {
    this.current = undefined;
    underWay--;
    const next = this.waiting;
    this.waiting = undefined;
    if (next) this.begin(next); // it is found while this one is drawn
    this.state.value = next ? { ...shown, isStale: true, isBusy: true, refusal: undefined } : shown;
  }
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (error instanceof DOMException && error.name === 'AbortError') return undefined;
  return new Refusal(0, 'the page failed', String(error), 'reload it');
}
