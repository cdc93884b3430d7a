// SPDX-License-Identifier: MIT
// Questions stand in line for the server. A browser keeps six connections to it, and a look at all blocks or at many
// events holds one for long: without a line that which a page begins with would wait behind what stands further down.

/** As many at once as leave connections to all others. */
const PATIENT_MOST = 3;

export class Line {
  private quick = 0;
  private patient = 0;
  private readonly waiting = new Set<() => void>();

  /** Goes at once; who has patience waits meanwhile. */
  async quickly<T>(run: () => Promise<T>): Promise<T> {
    this.quick++;
    try {
      return await run();
    } finally {
      this.quick--;
      this.callSoon();
    }
  }

  /** Goes when nothing quick is under way. Rejects after signal. */
  async patiently<T>(run: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.turn(signal);
    try {
      return await run();
    } finally {
      this.patient--;
      this.callSoon();
    }
  }

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        this.waiting.delete(go);
        this.patient++;
        resolve();
      };
      this.waiting.add(go);
      signal?.addEventListener('abort', () => this.waiting.delete(go) && reject(signal.reason as Error));
      this.callSoon();
    });
  }

  // Not at once: questions of one drawing come one after the other, and an answer is drawn before the next is asked for.
  private callSoon(): void {
    setTimeout(() => {
      for (const go of this.waiting) {
        if (this.quick > 0 || this.patient >= PATIENT_MOST) return;
        go();
      }
    });
  }
}
