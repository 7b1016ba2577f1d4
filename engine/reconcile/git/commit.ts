/** A commit, as its object says it. Pure. */
import { GitFailure } from './failure.ts';

export interface Commit {
  readonly id: string;
  readonly tree: string;
  /** ISO 8601, UTC. What whoever made the commit says. */
  readonly committedAt: string;
  /** The first line of the message, at most 200 characters, without control characters. */
  readonly subject: string;
  /** Name alone, at most 200 characters. */
  readonly author: string;
}

/** Bytes of one commit object. */
export const maxCommitBytes = 1_000_000;

/** @throws {GitFailure} corrupt */
export function parseCommit(id: string, content: Buffer): Commit {
  const text = content.toString('utf8');
  const end = text.indexOf('\n\n');
  const head = end < 0 ? text : text.slice(0, end);
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  const author = /^author ([^\n<]*)/m.exec(head)?.[1];
  const seconds = Number(/^committer .*> (\d+) [+-]\d{4}$/m.exec(head)?.[1] ?? Number.NaN);
  if (tree === undefined || author === undefined || !(seconds <= 8.64e12))
    throw new GitFailure('corrupt', 'A commit object cannot be read.');
  const message = end < 0 ? '' : text.slice(end + 2).trimStart();
  return {
    id,
    tree,
    committedAt: new Date(seconds * 1_000).toISOString(),
    subject: plain(message.split('\n', 1)[0]!),
    author: plain(author),
  };
}

/** What a commit leads to: all of its parents, in their order, also those that a shallow clone does not have. @throws {GitFailure} corrupt */
export function linksOf(content: Buffer): { readonly tree: string; readonly parents: readonly string[] } {
  const head = content.toString('utf8').split('\n\n', 1)[0]!;
  const tree = /^tree ([0-9a-f]{40})$/m.exec(head)?.[1];
  if (tree === undefined) throw new GitFailure('corrupt', 'A commit object cannot be read.');
  return { tree, parents: [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map(([, id]) => id!) };
}

/** What somebody has chosen: at most 200 characters, and none that a terminal or a reader is misled by. */
export function plain(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ').trim();
  return [...clean].slice(0, 200).join('');
}
