/**
 * The first line of our comment, which a reader does not see: which plan it is, of which run and commit, and since when each change
 * that somebody has to accept has been shown. Pure.
 */
import { createHash } from 'node:crypto';
import type { Run } from '../event.ts';

export interface Marker {
  /** One comment of a pull request from another: `markerKey`. */
  readonly key: string;
  readonly run: Pick<Run, 'id' | 'attempt'>;
  /** The commit that was planned. */
  readonly head: string;
  /** Milliseconds since the epoch by fingerprint; `now`: since this version of the comment. */
  readonly shown: ReadonlyMap<string, number | 'now'>;
}

/** What is shown beyond that cannot be accepted by label, and is told. */
export const maxShown = 1_200;

const form =
  /^<!-- novastack:plan v=1 key=([0-9a-f]{16}) run=(\d+)\.(\d+) head=([0-9a-f]{40}) shown=([\w.:;,-]*) -->/;
const fingerprint = /^fp[0-9a-f]{14}$/;

/** Of a workflow's step: those of other folders, other projects or other workflows have comments of their own. */
export function markerKey(workflow: string, path: string, projects: readonly string[]): string {
  const facts = JSON.stringify([workflow, path, projects]);
  return createHash('sha256').update(facts).digest('hex').slice(0, 16);
}

export function markerText({ key, run, head, shown }: Marker): string {
  const times = new Map<string, string[]>();
  for (const [name, since] of [...shown].slice(0, maxShown)) {
    if (!fingerprint.test(name)) continue;
    const time = since === 'now' ? since : String(since);
    times.set(time, [...(times.get(time) ?? []), name.slice(2)]);
  }
  const groups = [...times].map(([time, names]) => `${time}:${names.join(',')}`).join(';');
  return `<!-- novastack:plan v=1 key=${key} run=${run.id}.${run.attempt} head=${head} shown=${groups} -->`;
}

/** @returns undefined: the comment does not begin with one */
export function markerIn(body: string): Marker | undefined {
  const found = form.exec(body);
  if (found === null) return undefined;
  const [, key, id, attempt, head, groups] = found as unknown as readonly string[];
  const shown = new Map<string, number | 'now'>();
  for (const group of groups!.split(';').filter(Boolean)) {
    const [time, names = ''] = group.split(':');
    for (const name of names.split(',')) shown.set(`fp${name}`, time === 'now' ? 'now' : Number(time));
  }
  return { key: key!, run: { id: Number(id), attempt: Number(attempt) }, head: head!, shown };
}

/** Below zero: the first is the older run. */
export function compareRuns(a: Marker['run'], b: Marker['run']): number {
  return a.id - b.id || a.attempt - b.attempt;
}
