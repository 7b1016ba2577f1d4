/** `plan`: what a pull request changes, told to whoever reviews it. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  countsOf,
  GitFailure,
  type LabelAcceptance,
  type Plan,
  type ProjectPlan,
  planAnnotations,
  planJson,
  planMarkdown,
  planProject,
  planSarif,
  planSummary,
  planText,
  verdict,
} from '../../engine/index.ts';
import { temporaryFolder, writeNamedFile } from '../files.ts';
import { type Compared, comparedCommits } from '../git/compared.ts';
import { type Pair, pairsOf } from '../git/pairs.ts';
import { Repository } from '../git/repository.ts';
import { type Conversation, openConversation } from '../github/conversation.ts';
import { isOfGithub } from '../github/github.ts';
import { explained } from '../github/permission.ts';
import { RemoteObjects } from '../github/remote-objects.ts';
import { InputError } from '../inputs.ts';
import { noProject, noSuchFolder, type Place, placeOf } from '../place.ts';
import type { Outputs } from '../runner.ts';
import type { Ended, Step } from '../step.ts';

export async function plan(step: Step): Promise<Ended> {
  const { inputs, context, github, runner } = step;
  if (context.event.kind === 'push' && context.event.isDeleted) {
    runner.notice('The branch is gone, so there is nothing to plan.');
    return { result: 'success', outputs: { 'has-changes': 'false', projects: '[]' } };
  }
  const place = await placeOf(inputs, context.workspace);
  const remote = github && new RemoteObjects(github);
  const repository = await Repository.open(place.start, place.workspace, remote);
  const scratch = await temporaryFolder(context);
  try {
    const compared = await ofGithub(() => comparedCommits(inputs.baseRef, context, repository));
    const pairs = await ofGithub(() => pairsOf(place, compared, repository));
    refuseNone(pairs, place);
    const conversation = await openConversation(step, compared.proposed);
    const planned = pairs.filter(({ isTouched }) => isTouched || place.named.length > 0);
    const projects: ProjectPlan[] = [];
    for (const [index, pair] of planned.entries()) {
      const base = await exportBase(pair, repository, join(scratch, `base-${index}`));
      projects.push(await planOne(pair, base, conversation?.label));
    }
    return await tell(step, { base: compared.name, projects }, { compared, pairs, conversation });
  } finally {
    repository.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What the plan cannot be made without. */
async function ofGithub<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isOfGithub(error)) throw new InputError(explained('base', error), { cause: error });
    throw error;
  }
}

function refuseNone(pairs: readonly Pair[], place: Place): void {
  const known = new Set(pairs.map(({ path }) => path));
  const missing = place.named.find(({ path }) => !known.has(path));
  if (missing !== undefined) throw noSuchFolder(missing.written);
  if (pairs.length === 0) throw noProject(place);
}

/** @returns where it is; undefined: there is no base */
async function exportBase(
  { path, base }: Pair,
  repository: Repository,
  to: string,
): Promise<string | undefined> {
  if (base === undefined) return undefined;
  const { diagnostics } = await ofGithub(() => repository.export(base.tree, to));
  const refused = diagnostics.find(({ severity }) => severity === 'error');
  if (refused === undefined) return to;
  throw new GitFailure(
    'refused',
    `What "${path}" was before cannot be read. ${refused.message}`,
    refused.hint,
  );
}

/** One after the other: each may start embedded databases. */
function planOne(
  { path, head }: Pair,
  base: string | undefined,
  label: LabelAcceptance | undefined,
): Promise<ProjectPlan> {
  return planProject({ path, base, head, tests: true, today: today(), ...(label && { label }) });
}

interface About {
  readonly compared: Compared;
  readonly pairs: readonly Pair[];
  readonly conversation: Conversation | undefined;
}

async function tell(step: Step, whole: Plan, about: About): Promise<Ended> {
  const { inputs, context, runner } = step;
  const gate = inputs.failOn;
  runner.log(planText(whole, { gate, today: today() }));
  if (inputs.annotations) runner.annotate(planAnnotations(whole).split('\n'));
  await runner.summary(planSummary(whole, markdownOptions(step, about)));
  const planFile = join(await temporaryFolder(context), 'plan.json');
  await writeFile(planFile, planJson(whole, gate));
  if (inputs.sarifFile !== '')
    await writeNamedFile('sarif-file', inputs.sarifFile, planSarif(whole), context);
  const commentId = await comment(step, whole, about);
  return {
    result: verdict(whole, gate),
    outputs: {
      ...outputsOf(whole, about.pairs),
      'plan-file': planFile,
      ...(commentId === undefined ? {} : { 'comment-id': String(commentId) }),
    },
  };
}

async function comment(step: Step, whole: Plan, about: About): Promise<number | undefined> {
  const { conversation } = about;
  const { inputs } = step;
  if (conversation === undefined) return undefined;
  const isWanted = inputs.comment === 'always' || conversation.hasComment || hasNews(whole);
  if (!isWanted) return undefined;
  const marker = conversation.marker(whole.projects.flatMap(({ changes }) => changes));
  return conversation.write(planMarkdown(whole, { ...markdownOptions(step, about), marker }));
}

function hasNews({ projects }: Plan): boolean {
  const { errors, warnings } = countsOf({ projects });
  return errors + warnings > 0 || projects.some(({ state }) => state !== 'unchanged');
}

function markdownOptions({ inputs, context }: Step, { compared, conversation }: About) {
  const { repository, serverUrl, run } = context;
  // Without a comment nothing is shown that a label could accept.
  const label = conversation?.canShow ? inputs.approveLabel : '';
  return {
    gate: inputs.failOn,
    today: today(),
    headSha: compared.proposed,
    ...(repository === '' ? {} : { repositoryUrl: `${serverUrl}/${repository}` }),
    ...(run.url === undefined ? {} : { runUrl: run.url }),
    ...(label === '' ? {} : { approveLabel: label }),
  };
}

function outputsOf(whole: Plan, pairs: readonly Pair[]): Outputs {
  const { errors, warnings, breaking, accessGained } = countsOf(whole);
  return {
    'has-changes': String(whole.projects.some(({ state }) => state !== 'unchanged')),
    'error-count': String(errors),
    'warning-count': String(warnings),
    'breaking-count': String(breaking),
    'access-gained-count': String(accessGained),
    projects: JSON.stringify(pairs.map((pair) => described(pair, whole))),
  };
}

function described({ path }: Pair, { projects }: Plan) {
  const found = projects.find((one) => one.path === path);
  const { errors, warnings, breaking, accessGained } = countsOf({ projects: found ? [found] : [] });
  const { project = null, state = 'unchanged' } = found ?? {};
  return { path, project, state, errors, warnings, breaking, accessGained };
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
