// SPDX-License-Identifier: MIT
// Answers from the server that this page came from.
import { addressOf } from './address';
import { Line } from './line';
import { Refusal } from './source';
import type { Answer, BlobName, Name, Parameters, ReelFacts, RowsName, Source } from './source';

const ROOT = '/api/v1/';
/** What stands further down on a page, and takes the engine long. */
const PATIENT: ReadonlySet<Name> = new Set<Name>(['Advice', 'Growth', 'HeapOver', 'Sparse', 'Top']);
/** Asked at each moment of a drag; the heap's answer of the same moment comes with theirs. */
const BRING_THE_HEAP: readonly Name[] = ['Classes', 'Pages'];

interface Asked {
  reel: number;
  name: Name;
  parameters: Readonly<Record<string, unknown>>;
  signal: AbortSignal | undefined;
  resolve: (answer: never) => void;
  reject: (why: unknown) => void;
}

async function request(address: string, signal: AbortSignal | undefined): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(ROOT + address, { signal: signal ?? null, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refusal(0, 'the server does not answer', location.host, 'start heapreel web again');
  }
  if (response.ok) return response;
  throw await refusalOf(response);
}

async function refusalOf(response: Response): Promise<Refusal> {
  try {
    const { error } = (await response.json()) as { error: { what: string; where: string; to_do: string } };
    return new Refusal(response.status, error.what, error.where, error.to_do);
  } catch {
    return new Refusal(response.status, 'the answer is no answer of heapreel', response.url, 'reload the page');
  }
}

/** The answer, rows or a blob, and what came with it. */
async function read(response: Response): Promise<{ answer: unknown; also: Record<string, unknown> }> {
  if (response.headers.get('Content-Type') === 'application/json') {
    const answer = (await response.json()) as { also?: Record<string, unknown> };
    return { answer, also: answer.also ?? {} };
  }
  const bytes = await response.arrayBuffer();
  const end = bytes.byteLength - Number(response.headers.get('Heapreel-Also') ?? 0);
  const text = new TextDecoder().decode(new Uint8Array(bytes, end));
  return { answer: bytes.slice(0, end), also: text ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

function isAtSameMoment(one: Asked, other: Asked): boolean {
  return (
    one.reel === other.reel &&
    one.parameters['t'] === other.parameters['t'] &&
    one.parameters['process'] === other.parameters['process']
  );
}

/** Ends when nobody wants an answer any more; those who do not are told at once. */
function signalOf(all: readonly Asked[]): AbortSignal {
  const stop = new AbortController();
  let wanted = all.length;
  for (const { signal, reject } of all) {
    signal?.addEventListener('abort', () => {
      reject(signal.reason);
      if (--wanted === 0) stop.abort();
    });
  }
  return stop.signal;
}

export class Server implements Source {
  readonly kind = 'server';
  private generations = new Map<number, string>();
  private line = new Line();
  private asked: Asked[] = []; // since this turn of the page began

  async reels(signal?: AbortSignal): Promise<ReelFacts[]> {
    const { reels } = (await (await request('reels', signal)).json()) as { reels: ReelFacts[] };
    for (const reel of reels) {
      if (reel.is_complete) this.generations.set(reel.reel, reel.generation);
    }
    return reels;
  }

  rows<N extends RowsName>(reel: number, name: N, parameters: Parameters<N>, signal?: AbortSignal): Promise<Answer<N>> {
    return this.ask(reel, name, parameters, signal);
  }

  blob<N extends BlobName>(
    reel: number,
    name: N,
    parameters: Parameters<N>,
    signal?: AbortSignal,
  ): Promise<ArrayBuffer> {
    return this.ask(reel, name, parameters, signal);
  }

  private ask<T>(reel: number, name: Name, parameters: object, signal: AbortSignal | undefined): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.asked.length === 0) queueMicrotask(() => this.send());
      this.asked.push({ reel, name, parameters: parameters as Asked['parameters'], signal, resolve, reject });
    });
  }

  private send(): void {
    const asked = this.asked.filter(({ signal }) => !signal?.aborted);
    for (const each of this.asked) if (each.signal?.aborted) each.reject(each.signal.reason);
    this.asked = [];
    const heaps = asked.filter(({ name, parameters }) => name === 'Heap' && parameters['of'] === undefined);
    const brought = new Set<Asked>();
    for (const one of asked.filter(({ name }) => BRING_THE_HEAP.includes(name))) {
      const heap = heaps.find((other) => !brought.has(other) && isAtSameMoment(one, other));
      if (heap) brought.add(heap).add(one);
      if (heap) void this.answer(one, heap);
    }
    for (const one of asked) if (!brought.has(one)) void this.answer(one);
  }

  private async answer(one: Asked, heap?: Asked): Promise<void> {
    const all = heap ? [one, heap] : [one];
    try {
      const signal = signalOf(all);
      const ask = async () => read(await request(this.address(one, heap && 'heap'), signal));
      const { answer, also } = await (PATIENT.has(one.name)
        ? this.line.patiently(ask, signal)
        : this.line.quickly(ask));
      // One after the other: what they ask next is again asked in one turn.
      heap?.resolve(also['heap'] as never);
      one.resolve(answer as never);
    } catch (error) {
      for (const { reject } of all) reject(error);
    }
  }

  // A finished reel's answers never change: with its generation in the address the browser keeps them.
  private address({ reel, name, parameters }: Asked, also: string | undefined): string {
    return addressOf(reel, name, { ...parameters, also, g: this.generations.get(reel) });
  }
}
