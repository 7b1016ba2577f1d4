/** A plan for a terminal and for the log of a pipeline: the verdict, then each project's parts, the gravest first. Pure. */
import type { Diagnostic } from '../../../schema/diagnostic.ts';
import { printable } from '../../../schema/format.ts';
import type { Change, Level, Section } from '../change.ts';
import { countsOf, failedTestsOf, isUnaccepted, verdict } from '../gate.ts';
import type { Gate, MigrationReport, Plan, ProjectPlan, TestsReport } from '../report.ts';
import { plainText } from '../sentence.ts';
import { block, type Ink, inkOf, plainInk, type Tone } from './ink.ts';
import * as words from './words.ts';

export interface TextOptions {
  readonly gate: Gate;
  /** `2026-06-30`, in UTC: three months later is what is proposed as the last day of an approval. */
  readonly today: string;
  /** Colours. Default false. */
  readonly color?: boolean;
  /** Columns at which sentences are broken; names are not. Default 80. */
  readonly width?: number;
  /** Each safe change is told, however many there are. Default false: more than five of a section are counted. */
  readonly verbose?: boolean;
}

interface Page extends TextOptions {
  readonly ink: Ink;
  readonly width: number;
  readonly verbose: boolean;
}

const maxSafe = 5;

/** @returns text without a newline at its end */
export function planText(plan: Plan, options: TextOptions): string {
  const ink = options.color === true ? inkOf : plainInk;
  const page: Page = { width: 80, verbose: false, ...options, ink };
  const shown = plan.projects.filter((project) => !words.isQuiet(project));
  const quiet = plan.projects.length - shown.length;
  const parts = [
    ...shown.flatMap((project) => projectParts(project, plan, page)),
    ...(quiet > 0 && shown.length > 0 ? [`${words.counted(quiet, 'project')} unchanged.`] : []),
    ...nextSteps(shown, page),
    verdictLine(plan, page),
  ];
  return parts.join('\n\n');
}

function verdictLine(plan: Plan, { gate, ink }: Page): string {
  const counts = countsOf(plan);
  const [mark, tone] = markOf(verdict(plan, gate) === 'failure', words.isWorthALook(counts));
  const told = words.countsText(counts);
  const head = `${mark} ${words.capital(words.headlineOf(counts))}, compared with ${printable(plan.base)}.`;
  return [ink(tone, head), ...(told.length === 0 ? [] : [`  ${told.join(', ')}`])].join('\n');
}

function markOf(failed: boolean, deservesLook: boolean): readonly [string, Tone] {
  if (failed) return ['✗', 'bad'];
  return deservesLook ? ['!', 'careful'] : ['✓', 'good'];
}

function projectParts(project: ProjectPlan, plan: Plan, page: Page): readonly string[] {
  return [
    projectHead(project, plan, page),
    ...problems(project, page),
    ...changesOf(project, 'api', 'API', page),
    ...changesOf(project, 'access', 'Access', page),
    ...database(project, page),
    ...(project.tests === undefined ? [] : testParts(project, project.tests, page)),
  ];
}

function projectHead({ path, project, title, state, ...rest }: ProjectPlan, plan: Plan, page: Page): string {
  const { ink } = page;
  const name = printable(project ?? path);
  const more = [title, path === '.' || path === project ? undefined : path].filter(
    (part) => part !== undefined,
  );
  const isNews = state === 'added' || state === 'removed';
  const counts = countsOf({ projects: [{ path, project, title, state, ...rest }] });
  const told = [...(isNews ? [`project ${state}`] : []), words.headlineOf(counts)];
  const head = [ink('strong', name), ...more.map((part) => ink('faint', printable(part)))].join('  ');
  return plan.projects.length === 1 && !isNews ? head : `${head}\n${told.join('; ')}`;
}

function heading(title: string, { ink }: Page, told?: string): string {
  return `${ink('strong', title)}${told === undefined ? '' : ink('faint', `  ${told}`)}`;
}

/** Nothing where there is nothing to tell. */
function titled(head: string, blocks: readonly string[]): readonly string[] {
  const [first, ...rest] = blocks;
  return first === undefined ? [] : [`${head}\n${first}`, ...rest];
}

function problems({ path, diagnostics, incomparable }: ProjectPlan, page: Page): readonly string[] {
  const told = diagnostics.map((diagnostic) => diagnosticBlock(diagnostic, path, page));
  const why = incomparable === undefined ? [] : [block(printable(incomparable), '  ', page.width)];
  return titled(heading('Problems', page), [...told, ...why]);
}

const severityTones = { error: 'bad', warning: 'careful', notice: 'faint' } as const;

function diagnosticBlock(diagnostic: Diagnostic, path: string, page: Page): string {
  const { severity, code, message, hint, source, related } = diagnostic;
  const place = source === undefined ? [] : [page.ink('faint', printable(words.placeText(source, path)))];
  return [
    ['  ' + page.ink(severityTones[severity], severity), printable(code), ...place].join('  '),
    ...message.split('\n').map((line) => block(printable(line), '    ', page.width)),
    ...(related ?? []).map((other) =>
      block(
        `${printable(words.placeText(other.source, path))}: ${printable(other.message)}`,
        '    ',
        page.width,
      ),
    ),
    ...hintLines(hint, page),
  ].join('\n');
}

function hintLines(hint: string | undefined, { width }: Page): readonly string[] {
  return hint === undefined ? [] : [block(`hint: ${printable(hint)}`, '    ', width)];
}

function changesOf(
  project: ProjectPlan,
  section: Section,
  title: string,
  page: Page,
  more: readonly string[] = [],
): readonly string[] {
  const changes = project.changes.filter((change) => change.section === section);
  const grave = changes.filter((change) => !isHarmless(change));
  const harmless = changes.filter(isHarmless);
  return titled(heading(title, page), [
    ...grave.map((change) => changeBlock(change, project.path, page)),
    ...harmlessParts(harmless, project.path, page),
    ...more,
  ]);
}

function isHarmless({ level, gain, needsAcceptance }: Change): boolean {
  return level === 'safe' && gain !== true && !needsAcceptance;
}

function harmlessParts(changes: readonly Change[], path: string, page: Page): readonly string[] {
  if (changes.length === 0) return [];
  if (page.verbose || changes.length <= maxSafe)
    return changes.map((change) => changeBlock(change, path, page));
  const count = words.counted(changes.length, 'more change');
  return [`  ${page.ink('good', 'safe')}  ${count}, told by --verbose and --format json`];
}

const levelTones: Readonly<Record<Level, Tone>> = { breaking: 'bad', dangerous: 'careful', safe: 'good' };

function changeBlock(change: Change, path: string, page: Page): string {
  const { source, hint, accepted } = change;
  const place = source === undefined ? [] : [page.ink('faint', printable(words.placeText(source, path)))];
  const open = isUnaccepted(change) ? [page.ink('bad', change.fingerprint)] : [];
  return [
    [`  ${labelOf(change, page)}`, printable(change.rule), ...place, ...open].join('  '),
    block(printable(sentenceOf(change)), '    ', page.width),
    ...transitionLines(change, page),
    ...hintLines(hint, page),
    ...(accepted === undefined ? [] : [block(printable(words.acceptanceText(accepted)), '    ', page.width)]),
  ].join('\n');
}

function labelOf(change: Change, { ink }: Page): string {
  return change.gain === true
    ? ink(isUnaccepted(change) ? 'bad' : 'careful', 'gain')
    : ink(levelTones[change.level], change.level);
}

function sentenceOf(change: Change): string {
  const roles = words.unnamedRoles(change);
  const alarms = words.alarmsOf(change).map((alarm) => ` ${alarm}`);
  const whose = roles.length === 0 ? '' : ` For ${words.listed(roles.map((role) => `"${role}"`))}.`;
  return `${plainText(change.sentence)}${alarms.join('')}${whose}`;
}

function transitionLines(change: Change, { width }: Page): readonly string[] {
  const transition = words.transitionOf(change);
  if (transition === undefined) return [];
  return [
    block(`was ${printable(transition[0])}`, '    ', width),
    block(`is  ${printable(transition[1])}`, '    ', width),
  ];
}

function database(project: ProjectPlan, page: Page): readonly string[] {
  const migrations = project.migrations.map((migration) => migrationBlock(migration, project.path, page));
  return changesOf(project, 'database', 'Database', page, migrations);
}

function migrationBlock(migration: MigrationReport, path: string, page: Page): string {
  const { database, engine, file, transaction, statements } = migration;
  const about = [database, engine, ...(transaction ? ['one transaction'] : [])].map(printable).join(', ');
  const head = `  ${printable(words.workspaceFile(path, file))}  ${page.ink('faint', about)}`;
  return [head, ...statements.flatMap((statement) => statementLines(statement, page))].join('\n');
}

function statementLines(statement: MigrationReport['statements'][number], page: Page): readonly string[] {
  const { summary, start, lock, advice } = statement;
  const waits = words.waitsText(statement);
  const locked = lock === undefined ? '' : ` (${printable(lock)})`;
  return [
    block(`line ${start.line}: ${printable(summary)}`, '    ', page.width),
    block(`waits: ${waits}${locked}; undo: ${words.undoText(statement)}`, '      ', page.width),
    ...(advice === undefined ? [] : [block(`hint: ${printable(advice)}`, '      ', page.width)]),
  ];
}

function testParts(project: ProjectPlan, tests: TestsReport, page: Page): readonly string[] {
  const told = [...words.testCounts(tests), words.coverageText(tests)].filter((part) => part !== undefined);
  const failed = failedTestsOf(project).map((result) => {
    const place = result.source === undefined ? [] : [words.placeText(result.source, project.path)];
    const head = [
      `  ${page.ink('bad', 'failed')}`,
      ...place.map((text) => page.ink('faint', printable(text))),
    ];
    return [
      head.join('  '),
      block(printable(result.name), '    ', page.width),
      ...result.failures.map(({ message }) => block(printable(message), '    ', page.width)),
    ].join('\n');
  });
  const why = tests.notRun === undefined ? [] : [block(printable(tests.notRun), '  ', page.width)];
  const head = heading('Tests', page, told.join(', '));
  return failed.length + why.length === 0 ? [head] : titled(head, [...why, ...failed]);
}

/** What has to be accepted, ready to be copied. */
function nextSteps(projects: readonly ProjectPlan[], page: Page): readonly string[] {
  return projects.flatMap((project): readonly string[] => {
    const { path, changes } = project;
    const open = changes.filter(isUnaccepted);
    if (open.length === 0) return [];
    if (!words.hasApprovals(project)) return [words.onlyByLabel];
    const file = printable(words.workspaceFile(path, 'approvals.yaml'));
    const entries = open.flatMap((change) => words.approvalEntry(change, words.proposedExpiry(page.today)));
    return [[`To accept, add to ${file}:`, ...entries.map((line) => `  ${printable(line)}`)].join('\n')];
  });
}
