/**
 * Acceptance by a label: of the changes that the comment showed when somebody who may write to the repository set it. What came
 * later is not covered, and nothing is once the label is gone.
 */
import type { LabelAcceptance } from '../../engine/index.ts';
import type { Github } from './github.ts';
import { GithubRefusal } from './github.ts';
import type { Own } from './sticky.ts';

export interface LabelSet {
  /** When, in milliseconds since the epoch, by GitHub's clock. */
  readonly at: number;
  readonly by: string;
}

/** What is read of an issue's events. */
export interface IssueEvent {
  readonly event: string;
  readonly created_at: string;
  readonly actor: { readonly login: string; readonly type: string } | null;
  readonly label?: { readonly name?: string };
}

export interface Labelled {
  readonly acceptance: LabelAcceptance | undefined;
  /** Why a label that is there does not count. */
  readonly ignored: string | undefined;
}

/** @param own our comment as it is now; undefined: there is none, so nothing was shown */
export async function labelAcceptance(
  github: Github,
  pullRequest: number,
  label: string,
  own: Own | undefined,
): Promise<Labelled> {
  const events = await github.list((api, common) =>
    api.issues.listEvents({ ...common, issue_number: pullRequest }),
  );
  const set = lastSet(events as readonly IssueEvent[], label);
  if (set === undefined) return { acceptance: undefined, ignored: undefined };
  if (own === undefined)
    return {
      acceptance: undefined,
      ignored: `The label "${label}" was set before anything was shown; set it again.`,
    };
  if (!(await mayWrite(github, set.by)))
    return {
      acceptance: undefined,
      ignored: `The label "${label}" was set by ${set.by}, who may not write to the repository, so it accepts nothing.`,
    };
  return { acceptance: acceptanceBy(set, label, shownTimes(own)), ignored: undefined };
}

/** Undefined: it is not set. */
export function lastSet(events: readonly IssueEvent[], label: string): LabelSet | undefined {
  const name = label.toLowerCase();
  const own = events
    .filter((one) => one.label?.name?.toLowerCase() === name && /^(un)?labeled$/.test(one.event))
    .sort((a, b) => Date.parse(a.created_at) - Date.parse(b.created_at));
  const last = own.at(-1);
  if (last?.event !== 'labeled') return undefined;
  return { at: Date.parse(last.created_at), by: last.actor?.login ?? 'somebody who is gone' };
}

/**
 * Since when each change has been shown, by GitHub's clock. What the last writer showed first is as old as the comment's last
 * change, and nothing is older than the comment.
 */
export function shownTimes({ marker, createdAt, updatedAt }: Omit<Own, 'id'>): ReadonlyMap<string, number> {
  return new Map(
    [...marker.shown].map(([name, since]) => [
      name,
      since === 'now' ? updatedAt : Math.max(since, createdAt),
    ]),
  );
}

export function acceptanceBy(
  { at, by }: LabelSet,
  label: string,
  shown: ReadonlyMap<string, number>,
): LabelAcceptance {
  return {
    covers: (fingerprint) => (shown.get(fingerprint) ?? Number.POSITIVE_INFINITY) <= at,
    reason: `${by} set the label "${label}"`,
  };
}

/** Whoever may triage can set a label too, and a robot can for reasons of its own. */
async function mayWrite(github: Github, username: string): Promise<boolean> {
  try {
    const { permission } = await github.call((api, common) =>
      api.repos.getCollaboratorPermissionLevel({ ...common, username }),
    );
    return permission === 'admin' || permission === 'write';
  } catch (error) {
    if (error instanceof GithubRefusal) return false;
    throw error;
  }
}
