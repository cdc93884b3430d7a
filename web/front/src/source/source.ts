// SPDX-License-Identifier: MIT
// Where answers come from: a server, or the page itself when it is a report. Types are the server's own description.
import type { ComponentType } from 'preact';
import type { operations } from 'schema';

export type Name = keyof operations;
type Responses<N extends Name> = operations[N] extends { responses: { 200: { content: infer C } } } ? C : never;

/** A question whose answer is rows; the others' is a blob. */
export type RowsName = { [N in Name]: Responses<N> extends { 'application/json': unknown } ? N : never }[Name];
export type BlobName = Exclude<Name, RowsName>;

export type Answer<N extends RowsName> = Responses<N> extends { 'application/json': infer A } ? A : never;
export type Columns<N extends RowsName> = Answer<N> extends { columns: infer C } ? C : never;
export type Parameters<N extends Name> = operations[N] extends { parameters: { query?: infer Q } }
  ? Omit<NonNullable<Q>, 'g' | 'format' | 'also'>
  : Record<string, never>;

/** What could not be answered, where, and what to do. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly what: string,
    readonly where: string,
    readonly toDo: string,
  ) {
    super(`${what}: ${where}`);
  }
}

export interface ReelFacts {
  reel: number;
  name: string;
  generation: string;
  /** The recording was finished in order. */
  is_complete: boolean;
  /** It was not, and its recorder still has the file open. */
  is_growing: boolean;
}

export interface Source {
  /** Whether each moment can be asked about, or only those of a report. */
  readonly kind: 'server' | 'report';
  /** What the frame says of it, below the timeline. */
  readonly Note?: ComponentType;
  reels(signal?: AbortSignal): Promise<ReelFacts[]>;
  /** Rejects with a Refusal, or an AbortError after signal. */
  rows<N extends RowsName>(reel: number, name: N, parameters: Parameters<N>, signal?: AbortSignal): Promise<Answer<N>>;
  blob<N extends BlobName>(
    reel: number,
    name: N,
    parameters: Parameters<N>,
    signal?: AbortSignal,
  ): Promise<ArrayBuffer>;
}
