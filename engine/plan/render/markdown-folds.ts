/** The folded parts of a project in a plan's Markdown: API, access, database, tests, findings. Pure. */
import type { Change, Section } from '../change.ts';
import { failedTestsOf } from '../gate.ts';
import type { MigrationReport, ProjectPlan, TestsReport } from '../report.ts';
import { type Kind, list, type More, type Part, stacked } from './fit.ts';
import { changeItem, diagnosticItem, type Frame, fileLabel, lineLink, testItem } from './markdown-line.ts';
import { code, text } from './markdown-text.ts';
import * as words from './words.ts';

export interface Page extends Frame {
  /** Where there is room for what is left out here: `in [the run's summary](…)`. */
  readonly elsewhere: string;
}

export function foldsOf(project: ProjectPlan, page: Page): Part {
  return stacked([
    changesFold(project, 'api', 'API', page),
    changesFold(project, 'access', 'Access', page),
    databaseFold(project, page),
    ...(project.tests === undefined ? [] : [testsFold(project, project.tests, page)]),
    findingsFold(project, page),
  ]);
}

/** The names in it are ours: no Markdown is read in a line of HTML. */
function fold(title: string, told: readonly string[], body: Part): Part {
  const summary = `<summary><b>${title}</b>${told.length === 0 ? '' : ` · ${told.join(', ')}`}</summary>`;
  return stacked([`<details>\n${summary}`, body, '</details>']);
}

interface Group {
  readonly title: string;
  readonly kind: Kind;
  readonly holds: (change: Change) => boolean;
}

/** Each change is in the first group that it fits. */
const levels: readonly Group[] = [
  { title: 'Breaking', kind: 'breaking', holds: ({ level }) => level === 'breaking' },
  { title: 'Dangerous', kind: 'dangerous', holds: ({ level }) => level === 'dangerous' },
  { title: 'Safe', kind: 'safe', holds: () => true },
];
const groups: Readonly<Record<Section, readonly Group[]>> = {
  api: levels,
  access: [
    { title: 'Gained', kind: 'dangerous', holds: ({ gain }) => gain === true },
    { title: 'Lost', kind: 'breaking', holds: ({ level }) => level === 'breaking' },
    { title: 'To review', kind: 'dangerous', holds: ({ level }) => level === 'dangerous' },
    { title: 'Safe', kind: 'safe', holds: () => true },
  ],
  database: levels,
};

function changesFold(project: ProjectPlan, section: Section, title: string, page: Page): Part | string {
  const filled = filledGroups(project, section);
  return filled.length === 0
    ? ''
    : fold(title, filled.map(groupCount), stacked(groupParts(filled, project, page)));
}

interface Filled extends Group {
  readonly changes: readonly Change[];
}

function filledGroups(project: ProjectPlan, section: Section): readonly Filled[] {
  const changes = project.changes.filter((change) => change.section === section);
  const homes = new Map(
    changes.map((change) => [change, groups[section].find(({ holds }) => holds(change))]),
  );
  return groups[section]
    .map((group) => ({ ...group, changes: changes.filter((change) => homes.get(change) === group) }))
    .filter((group) => group.changes.length > 0);
}

function groupCount({ title, changes }: Filled): string {
  return `${changes.length} ${title.toLowerCase()}`;
}

function groupParts(filled: readonly Filled[], { path }: ProjectPlan, page: Page): readonly Part[] {
  return filled.map(({ title, kind, changes }) => {
    const items = changes.map((change) => changeItem(change, path, page));
    return stacked([`**${title}**`, list(kind, items, moreItem(page))]);
  });
}

function more({ elsewhere }: Page, noun = ''): More {
  return (count, shown) => {
    const what = noun === '' ? '' : ` ${noun}${count === 1 ? '' : 's'}`;
    return shown === 0 ? `${count}${what} ${elsewhere}` : `… and ${count} more${what} ${elsewhere}`;
  };
}

/** As a line of a list. */
export function moreItem(page: Page, noun?: string): More {
  return (count, shown) => `- ${more(page, noun)(count, shown)}`;
}

function databaseFold(project: ProjectPlan, page: Page): Part | string {
  const filled = filledGroups(project, 'database');
  const { migrations } = project;
  if (filled.length + migrations.length === 0) return '';
  const pending = migrations.length === 0 ? [] : [words.counted(migrations.length, 'migration')];
  const parts = migrations.map((migration) => migrationPart(migration, project.path, page));
  return fold(
    'Database',
    [...pending, ...filled.map(groupCount)],
    stacked([...groupParts(filled, project, page), ...parts]),
  );
}

function migrationPart(migration: MigrationReport, path: string, page: Page): Part {
  const { file, database, engine, transaction, statements } = migration;
  const about = `of ${code(database)}, ${engine}${transaction ? ', one transaction' : ''}`;
  const table = list(
    'statements',
    statements.map((statement) => statementRow(statement, file, path, page)),
    (count, shown) => `| ${more(page, 'statement')(count, shown)} | | |`,
  );
  const advice = adviceItems(statements);
  return stacked([
    `${lineLink(file, 1, path, page, fileLabel(file))} ${about}`,
    statements.length === 0 ? 'It has no statement.' : stacked([tableHead, table], '\n'),
    list('statements', advice, moreItem(page, 'hint')),
  ]);
}

/** What is the same for several statements is said once. */
function adviceItems(statements: MigrationReport['statements']): readonly string[] {
  const advised = statements.filter(({ advice }) => advice !== undefined);
  return [...Map.groupBy(advised, ({ advice }) => advice!)].map(([advice, of]) => {
    const lines = [...new Set(of.map(({ start }) => String(start.line)))];
    return `- ${lines.length === 1 ? 'Line' : 'Lines'} ${words.listed(lines)}: ${text(advice)}`;
  });
}

const tableHead = '| Statement | Who waits | Undo |\n|---|---|---|';

function statementRow(
  statement: MigrationReport['statements'][number],
  file: string,
  path: string,
  page: Page,
): string {
  const { summary, start, lock } = statement;
  const line = lineLink(file, start.line, path, page, `line ${start.line}`);
  const waits = `${words.waitsText(statement)}${page.isWhole && lock !== undefined ? ` (${code(lock)})` : ''}`;
  return `| ${text(summary)} (${line}) | ${waits} | ${words.undoText(statement)} |`;
}

function testsFold(project: ProjectPlan, tests: TestsReport, page: Page): Part | string {
  const failed = failedTestsOf(project).map((result) => testItem(result, project.path, page));
  const coverage = words.coverageText(tests);
  const told = [...words.testCounts(tests), ...(coverage === undefined ? [] : [coverage])];
  const missing = uncovered(tests, page);
  const parts = [
    ...(tests.notRun === undefined ? [] : [text(tests.notRun)]),
    ...(failed.length === 0 ? [] : [list('tests', failed, moreItem(page))]),
    ...(missing.length === 0 ? [] : ['**Not covered**', list('tests', missing, moreItem(page))]),
  ];
  if (parts.length > 0) return fold('Tests', told, stacked(parts));
  return told.length === 0 ? '' : `**Tests** · ${told.join(', ')}`;
}

const maxTables = 8;

/** By role: what no test asks for. */
function uncovered({ coverage }: TestsReport, page: Page): readonly string[] {
  const missing = (coverage?.cells ?? []).filter(({ covered }) => !covered);
  return [...Map.groupBy(missing, ({ role }) => role)].map(([role, cells]) => {
    const tables = [...Map.groupBy(cells, ({ table }) => table)].map(
      ([table, verbs]) => `${code(table)} ${verbs.map(({ verb }) => verb).join(', ')}`,
    );
    const shown = page.isWhole ? tables : tables.slice(0, maxTables);
    const rest = tables.length - shown.length;
    return `- ${code(role)}: ${[...shown, ...(rest > 0 ? [`${words.counted(rest, 'more table')}`] : [])].join('; ')}`;
  });
}

function findingsFold({ diagnostics, path }: ProjectPlan, page: Page): Part | string {
  const severities = (['error', 'warning', 'notice'] as const)
    .map((severity) => ({ severity, found: diagnostics.filter((one) => one.severity === severity) }))
    .filter(({ found }) => found.length > 0);
  const parts = severities.map(({ severity, found }) => {
    const items = found.map((one) => diagnosticItem(one, path, page));
    return stacked([
      `**${words.capital(severity)}s**`,
      list(severity === 'error' ? 'breaking' : 'notes', items, moreItem(page)),
    ]);
  });
  const told = severities.map(({ severity, found }) => words.counted(found.length, severity));
  return parts.length === 0 ? '' : fold('All findings', told, stacked(parts));
}
