/** Peers that answer differently are not doing the same work: each work is done once by each, and compared. */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'csv-parse/sync';
import { askOf, kindsOf } from './ask.ts';
import type { Work } from './data.ts';
import { bare } from './graphql.ts';
import type { Peer } from './peers.ts';

export type Query = (sql: string) => Promise<readonly unknown[]>;

/** Those that do a work and are there, in the order in which they are compared. */
export function peersOf(work: Work, peers: readonly Peer[]): readonly Peer[] {
  return kindsOf(work).flatMap((kind) => peers.filter((peer) => peer.kind === kind));
}

/** @throws when a peer refuses a work, or answers or leaves behind other than the first */
export async function agree(
  works: readonly Work[],
  peers: readonly Peer[],
  headers: Readonly<Record<string, string>>,
  query: Query,
): Promise<void> {
  for (const work of works) {
    const mine = peersOf(work, peers);
    const results: unknown[] = [];
    for (const peer of mine) results.push(await once(work, peer, headers, query));
    const other = results.findIndex((result) => !isDeepStrictEqual(result, results[0]));
    if (other > 0) throw new Error(`${mine[other]?.name} and ${mine[0]?.name} differ on "${work.name}".`);
  }
}

async function once(
  work: Work,
  peer: Peer,
  headers: Readonly<Record<string, string>>,
  query: Query,
): Promise<unknown> {
  if (work.write !== undefined) await query(work.write.before);
  const { turns, ...ask } = askOf(work, peer, headers);
  const { path, body = null } = turns[0]!;
  const response = await fetch(peer.origin + path, { ...ask, body });
  const text = await response.text();
  if (!response.ok || text.includes('"errors"'))
    throw new Error(`${peer.name} answers ${response.status} to "${work.name}": ${text}`);
  if (work.documents !== undefined)
    return work.write === undefined ? bare(JSON.parse(text)) : { left: await query(work.write.leaves) };
  if (work.write === undefined) return rowsOf(text, response.headers.get('content-type') ?? '');
  return { status: response.status, text, left: await query(work.write.leaves) };
}

/** The same rows may be written in several ways; the order of an object's keys is free. */
function rowsOf(text: string, type: string): unknown {
  if (type.startsWith('text/csv')) return parse(text);
  if (!type.startsWith('application/x-ndjson')) return JSON.parse(text);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
