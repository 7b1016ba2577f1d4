/** A plan's conversation with the reviewers of its pull request: what was shown, what was accepted, and the comment. */
import type { Change, LabelAcceptance } from '../../engine/index.ts';
import type { MergeGroup, PullRequest } from '../event.ts';
import type { Step } from '../step.ts';
import type { Github } from './github.ts';
import { labelAcceptance, shownTimes } from './label.ts';
import { type Marker, markerKey, markerText, maxShown } from './marker.ts';
import { attempt } from './permission.ts';
import { type Own, Sticky } from './sticky.ts';

export interface Conversation {
  /** Undefined: nothing was accepted by label. */
  readonly label: LabelAcceptance | undefined;
  /** Whether there is a comment already. */
  readonly hasComment: boolean;
  /** Whether one can be written: what a label accepts has to be shown. */
  readonly canShow: boolean;
  /** Begins the comment: what is shown in it from now on. */
  readonly marker: (changes: readonly Change[]) => string;
  /** @returns its id; undefined: it was not written, and why was told */
  readonly write: (body: string) => Promise<number | undefined>;
}

/**
 * @param proposed the commit that is planned
 * @returns undefined: there is nobody to talk to, or it is not wanted
 */
export async function openConversation(step: Step, proposed: string): Promise<Conversation | undefined> {
  const { inputs, context, runner, github } = step;
  const { event } = context;
  if (event.kind === 'merge-group') return openQueued(step, event, proposed);
  if (event.kind !== 'pull-request' || inputs.comment === 'never') return undefined;
  if (github === undefined) {
    runner.notice(
      'There is no "github-token", so the pull request gets no comment: the plan is in the summary.',
    );
    return undefined;
  }
  const key = keyOf(step);
  const sticky = new Sticky({ github, pullRequest: event.number, key, run: context.run, head: proposed });
  const warn = (message: string) => runner.warn(message);
  const found = await attempt('comment', warn, () => sticky.find());
  if (found === undefined) return undefined;
  const [own] = found;
  return {
    label: await readLabel(step, github, event, own),
    hasComment: own !== undefined,
    canShow: !event.isFork,
    marker: (changes) =>
      markerText({ key, run: context.run, head: proposed, shown: shownNow(changes, own, step) }),
    write: (body) => write(step, event, sticky, body),
  };
}

function keyOf({ inputs, context }: Step): string {
  return markerKey(context.run.workflow, inputs.workingDirectory, inputs.projects);
}

/** In the queue nothing is written, and what was accepted at the pull request counts. */
async function openQueued(
  step: Step,
  { number }: MergeGroup,
  proposed: string,
): Promise<Conversation | undefined> {
  const { inputs, context, runner, github } = step;
  if (number === undefined || github === undefined || inputs.approveLabel === '') return undefined;
  const sticky = new Sticky({
    github,
    pullRequest: number,
    key: keyOf(step),
    run: context.run,
    head: proposed,
  });
  const found = await attempt(
    'label',
    (message) => runner.warn(message),
    () => sticky.find(),
  );
  if (found?.[0] === undefined) return undefined;
  const label = await readLabel(step, github, { number }, found[0]);
  return { label, hasComment: false, canShow: false, marker: () => '', write: async () => undefined };
}

async function readLabel(
  { inputs: { approveLabel }, runner }: Step,
  github: Github,
  { number }: Pick<PullRequest, 'number'>,
  own: Own | undefined,
): Promise<LabelAcceptance | undefined> {
  if (approveLabel === '') return undefined;
  const labelled = await attempt(
    'label',
    (message) => runner.warn(message),
    () => labelAcceptance(github, number, approveLabel, own),
  );
  if (labelled?.ignored !== undefined) runner.warn(labelled.ignored);
  return labelled?.acceptance;
}

/** What is shown for the first time, or again after it was gone, is shown since now. */
function shownNow(changes: readonly Change[], own: Own | undefined, { runner }: Step): Marker['shown'] {
  const before = own === undefined ? new Map<string, number>() : shownTimes(own);
  const names = changes.filter((one) => one.needsAcceptance).map((one) => one.fingerprint);
  if (names.length > maxShown)
    runner.warn(
      `The label accepts the first ${maxShown} changes at most; of the ${names.length} the others go into approvals.yaml.`,
    );
  return new Map(names.map((name) => [name, before.get(name) ?? 'now']));
}

async function write(
  { inputs, context, runner }: Step,
  { isFork }: PullRequest,
  sticky: Sticky,
  body: string,
): Promise<number | undefined> {
  if (inputs.dryRun) {
    runner.log(`The comment (dry-run, not written):\n\n${body}`);
    return undefined;
  }
  if (isFork) {
    const page = context.run.url === undefined ? '' : `: ${context.run.url}`;
    runner.notice(
      `The pull request comes from a fork, for which GitHub's token may only read, so there is no comment. The plan is in the summary of this run${page}.`,
    );
    return undefined;
  }
  const written = await attempt(
    'comment',
    (message) => runner.warn(message),
    () => sticky.write(body),
  );
  if (written?.kind === 'outdated')
    runner.notice(
      'The pull request has a newer plan or a newer commit, so the comment was left to that run.',
    );
  return written?.kind === 'written' ? written.id : undefined;
}
