/** A plan as GitHub shows it: the pull request's one comment, and the summary of the job with everything. Pure. */
import { countsOf, failedTestsOf, isUnaccepted, verdict } from '../gate.ts';
import type { Gate, Plan, ProjectPlan } from '../report.ts';
import { choices, fit, list, type Part, stacked } from './fit.ts';
import { foldsOf, moreItem, type Page } from './markdown-folds.ts';
import { changeItem, diagnosticItem, failedItem } from './markdown-line.ts';
import { code, fenced, link, shortened, text, urlPath, visible } from './markdown-text.ts';
import * as words from './words.ts';

export interface MarkdownOptions {
  readonly gate: Gate;
  /** `2026-06-30`, in UTC: three months later is what is proposed as the last day of an approval. */
  readonly today: string;
  /** `https://github.com/acme/apis`, of the repository that has the head; undefined: nothing is linked to its line. */
  readonly repositoryUrl?: string;
  /** The head commit, whose lines are linked. */
  readonly headSha?: string;
  /** The page of the workflow's run, which has the summary. */
  readonly runUrl?: string;
  /** The label by which changes are accepted; undefined: there is none. */
  readonly approveLabel?: string;
  /** Most bytes of UTF-8, so that it fits however characters are counted. Default 65536 for a comment, 1000000 for a summary. */
  readonly maxBytes?: number;
  /** An HTML comment by which the comment is found again; stands first as it is. */
  readonly marker?: string;
}

/** What GitHub takes as a comment; it counts characters, of which there are never more than bytes. */
const maxComment = 65_536;
/** Below the 1 MiB at which GitHub refuses a step's summary, with room for what else the step writes there. */
const maxSummary = 1_000_000;

/** Characters of what it is compared with. */
const maxBase = 60;
/** Lines of each list that stands open. */
const maxFirst = 20;

/** The comment: verdicts and decisions first, everything else folded, and within its size whatever the plan. */
export function planMarkdown(plan: Plan, options: MarkdownOptions): string {
  const { runUrl } = options;
  const summary = "the run's summary";
  const elsewhere = `in ${runUrl === undefined ? summary : link(summary, runUrl)}`;
  return written(plan, options, pageOf(options, elsewhere, false), maxComment);
}

/** The same with rules, fingerprints, locks and what no test covers. */
export function planSummary(plan: Plan, options: MarkdownOptions): string {
  return written(plan, options, pageOf(options, "in the plan's JSON", true), maxSummary);
}

function pageOf({ repositoryUrl, headSha }: MarkdownOptions, elsewhere: string, isWhole: boolean): Page {
  return { repositoryUrl, headSha, elsewhere, isWhole };
}

function written(plan: Plan, options: MarkdownOptions, page: Page, most: number): string {
  const head = `${options.marker ?? ''}\n${headOf(plan, options)}`.trimStart();
  const foot = footOf(plan, options);
  const whole = stacked([
    head,
    problemsPart(plan, page),
    decisionsPart(plan, page),
    acceptPart(plan, options, page),
    projectsPart(plan, page),
    foot,
  ]);
  const last = [head, `Everything else is ${page.elsewhere}.`, foot].join('\n\n');
  return fit(whole, options.maxBytes ?? most, last);
}

function headOf(plan: Plan, { gate }: MarkdownOptions): string {
  const counts = countsOf(plan);
  const failed = verdict(plan, gate) === 'failure';
  const icon = failed ? '❌' : words.needsDoing(counts) || words.isWorthALook(counts) ? '⚠️' : '✅';
  const told = words.countsText(counts).map((part) => part.replace(/\d+/, '**$&**'));
  const lines = [`### ${icon} NovaStack: ${words.headlineOf(counts)}`, told.join(' · ')];
  return lines.filter((line) => line !== '').join('\n\n');
}

/** With the project's folder where there are several. */
function before(plan: Plan, { path }: ProjectPlan): string {
  return plan.projects.length === 1 ? '' : `${code(path)} · `;
}

function problemsPart(plan: Plan, page: Page): Part | string {
  const items = plan.projects.flatMap((project) => [
    ...project.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map((one) => diagnosticItem(one, project.path, page, before(plan, project))),
    ...failedTestsOf(project).map((one) => failedItem(one, project.path, page, before(plan, project))),
  ]);
  if (items.length === 0) return '';
  return stacked(['**To fix**', first('problems', items, page)]);
}

/** What is read at a glance; all of it is told once more below. */
function first(kind: 'problems' | 'decisions', items: readonly string[], page: Page): Part {
  const beyond = Math.max(0, items.length - maxFirst);
  const more = (count: number) => `- … and ${count} more below, or ${page.elsewhere}`;
  return list(kind, items.slice(0, maxFirst), more, { beyond });
}

function decisionsPart(plan: Plan, page: Page): Part | string {
  const open = plan.projects.flatMap((project) =>
    project.changes.filter(isUnaccepted).map((change) => ({ project, change })),
  );
  const parts = [
    { title: 'Opens data', all: open.filter(({ change }) => change.gain === true) },
    { title: 'Breaks callers', all: open.filter(({ change }) => change.gain !== true) },
  ].filter(({ all }) => all.length > 0);
  return stacked(
    parts.map(({ title, all }) => {
      const items = all.map(({ project, change }) =>
        changeItem(change, project.path, { ...page, isWhole: false }, before(plan, project)),
      );
      return stacked([`**${title}**`, first('decisions', items, page)]);
    }),
  );
}

function acceptPart(plan: Plan, { approveLabel, today }: MarkdownOptions, page: Page): Part | string {
  const projects = plan.projects.filter(({ changes }) => changes.some(isUnaccepted));
  if (projects.length === 0) return '';
  const files = projects
    .filter(words.hasApprovals)
    .map((project) => entriesPart(project, words.proposedExpiry(today)));
  const rest = (count: number) => `Those of ${words.counted(count, 'more project')} are ${page.elsewhere}.`;
  return stacked([
    '<details>\n<summary><b>How to accept</b></summary>',
    labelText(approveLabel, files.length > 0),
    list('entries', files, rest, { between: '\n\n' }),
    '</details>',
  ]);
}

function labelText(label: string | undefined, hasFiles: boolean): string {
  if (label === undefined) return hasFiles ? 'Commit what you accept, with your reasons.' : words.onlyByLabel;
  const all = `Set the label ${code(label)}, which accepts all of this as it is now`;
  return hasFiles ? `${all}, or commit what you accept with your reasons.` : `${all}.`;
}

function entriesPart({ path, changes }: ProjectPlan, expires: string): Part {
  const open = changes.filter(isUnaccepted);
  const entries = open.map((change) =>
    words
      .approvalEntry(change, expires)
      .map((line) => shortened(visible(line), 160))
      .join('\n'),
  );
  const rest = (count: number) => `# … and ${count} more`;
  return (limits) => {
    const body = list('entries', entries, rest)(limits);
    return `In ${code(words.workspaceFile(path, 'approvals.yaml'))}:\n\n${fenced('yaml', body.split('\n'))}`;
  };
}

function projectsPart(plan: Plan, page: Page): Part {
  const [only] = plan.projects;
  if (only !== undefined && plan.projects.length === 1) {
    return stacked([stateText(only), incomparableText(only), foldsOf(only, page)]);
  }
  const loud = Object.values(
    Object.groupBy(
      plan.projects.filter((project) => !words.isQuiet(project)),
      rank,
    ),
  ).flat();
  const quiet = plan.projects.filter(words.isQuiet);
  const all = choices(
    loud.map((project) => ({ full: projectPart(project, page), short: `- ${projectLine(project)}` })),
    moreItem(page, 'project'),
  );
  return stacked([all, quietText(quiet)]);
}

/** In the order in which projects are told: those with something to do first. */
function rank(project: ProjectPlan): 0 | 1 | 2 {
  const counts = countsOf({ projects: [project] });
  if (words.needsDoing(counts)) return 0;
  return words.isWorthALook(counts) ? 1 : 2;
}

function projectPart(project: ProjectPlan, page: Page): Part {
  return stacked([`#### ${projectLine(project)}`, incomparableText(project), foldsOf(project, page)]);
}

function projectLine(project: ProjectPlan): string {
  const { path, project: slug } = project;
  const isNamedAsFolder = slug === undefined || path.split('/').at(-1) === slug;
  const name = isNamedAsFolder ? code(path) : `${code(path)} (${code(slug)})`;
  const state = stateText(project);
  return `${name}: ${state === '' ? '' : `${state} `}${words.headlineOf(countsOf({ projects: [project] }))}`;
}

function stateText({ state }: ProjectPlan): string {
  switch (state) {
    case 'added':
      return '**New project.**';
    case 'removed':
      return '**Project removed.**';
    case 'changed':
    case 'unchanged':
      return '';
    default:
      return state satisfies never;
  }
}

function incomparableText({ incomparable }: ProjectPlan): string {
  return incomparable === undefined ? '' : text(incomparable);
}

function quietText(quiet: readonly ProjectPlan[]): string {
  if (quiet.length === 0) return '';
  const shown = quiet.slice(0, 5).map(({ path }) => code(path));
  const rest = quiet.length - shown.length;
  return `Unchanged: ${words.listed([...shown, ...(rest > 0 ? [`${rest} more`] : [])])}.`;
}

function footOf({ base }: Plan, { repositoryUrl, headSha, runUrl, gate }: MarkdownOptions): string {
  const short = headSha === undefined ? undefined : code(headSha.slice(0, 7));
  const commit = short && repositoryUrl ? link(short, `${repositoryUrl}/commit/${urlPath(headSha!)}`) : short;
  const parts = [
    `Compared with ${code(base, maxBase)}`,
    ...(commit === undefined ? [] : [`commit ${commit}`]),
    ...(runUrl === undefined ? [] : [link('run', runUrl)]),
    `${code(`fail-on: ${gate}`)}`,
  ];
  return `<sub>${parts.join(' · ')}</sub>`;
}
