// SPDX-License-Identifier: MIT
// Answers from the server that this page came from.
import { addressOf } from './address';
import { Line } from './line';
import { Refusal } from './source';
import type { Answer, BlobName, Name, Parameters, ReelFacts, RowsName, Source } from './source';

const ROOT = '/api/v1/';
/** What stands further down on a page, and takes the engine long. */
const PATIENT: ReadonlySet<Name> = new Set<Name>(['Advice', 'Growth', 'Sparse', 'Top']);

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

export class Server implements Source {
  readonly kind = 'server';
  private generations = new Map<number, string>();
  private line = new Line();

  async reels(signal?: AbortSignal): Promise<ReelFacts[]> {
    const { reels } = (await (await request('reels', signal)).json()) as { reels: ReelFacts[] };
    for (const reel of reels) {
      if (reel.is_complete) this.generations.set(reel.reel, reel.generation);
    }
    return reels;
  }

  async rows<N extends RowsName>(reel: number, name: N, parameters: Parameters<N>, signal?: AbortSignal) {
    const ask = async () => (await request(this.address(reel, name, parameters), signal)).json() as Promise<Answer<N>>;
    return PATIENT.has(name) ? this.line.patiently(ask, signal) : this.line.quickly(ask);
  }

  async blob<N extends BlobName>(reel: number, name: N, parameters: Parameters<N>, signal?: AbortSignal) {
    return this.line.quickly(async () => (await request(this.address(reel, name, parameters), signal)).arrayBuffer());
  }

  // A finished reel's answers never change: with its generation in the address the browser keeps them.
  private address(reel: number, name: RowsName | BlobName, parameters: object): string {
    return addressOf(reel, name, { ...parameters, g: this.generations.get(reel) });
  }
}
