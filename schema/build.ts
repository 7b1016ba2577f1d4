/** All files of a folder → the project they declare, and everything that is wrong with them. Pure. */
import { createHash } from 'node:crypto';
import { checkInheritance } from './checks/inheritance.ts';
import { checkPolicies } from './checks/policies.ts';
import { checkReferences } from './checks/references.ts';
import { checkRoles } from './checks/roles.ts';
import { type Diagnostic, type Staged, sorted } from './diagnostic.ts';
import { type ParsedDocument, parseDocument, type YamlDocument } from './document.ts';
import { type Draft, maxFindings } from './draft.ts';
import type { SourceFile, SourceFolder } from './folder.ts';
import { freeze } from './freeze.ts';
import { mergeDocuments, projectFile, skipped } from './merge.ts';
import { isWithin, namedFolders } from './named-folders.ts';
import { warnNotEnforced } from './not-enforced.ts';
import { atOnce, type Pieces } from './pieces.ts';
import type { Project } from './project.ts';
import { readAuth } from './sections/auth.ts';
import { readCors } from './sections/cors.ts';
import { readDatabases } from './sections/databases.ts';
import { readDocs } from './sections/docs.ts';
import { readFunctions } from './sections/functions.ts';
import { readLimits } from './sections/limits.ts';
import { readOperations } from './sections/operations.ts';
import { description, novastack, project, title } from './sections/project.ts';
import { readRoles } from './sections/roles.ts';
import { readTables } from './sections/tables.ts';
import { readTests } from './sections/tests.ts';
import { topLevelKeys } from './structure.ts';

const start = { line: 1, column: 1 };

/**
 * Builds a project. Pure.
 *
 * @returns every finding, those of `folder` too, sorted by place. The value is there even with errors, so that later
 * stages can add theirs; then whatever is wrong grants nothing (a verb, a role), and it must not be served:
 * ask `hasErrors`. It is absent when the folder has no project in it.
 */
export function buildProject(folder: SourceFolder): Staged<Project> {
  return atOnce(buildInPieces(folder));
}

/** The same, for a thread that has other things to do. */
export function* buildInPieces(folder: SourceFolder): Pieces<Staged<Project>> {
  const { documents, files: read, diagnostics } = yield* parseFiles(folder);
  yield;
  const complete = !diagnostics.some((diagnostic) => diagnostic.severity === 'error');
  const draft = mergeDocuments(documents, complete);
  yield;
  checkProjectFile(draft, read);
  const operations = readOperations(draft, [...folder.files].sort(bytewise));
  const files = [...read, ...(operations?.files ?? [])].sort(bytewise);
  const name = draft.read(['project'], project);
  const auth = readAuth(draft);
  const value = freeze({
    name: name ?? '',
    title: draft.read(['title'], title),
    description: draft.read(['description'], description),
    databases: readDatabases(draft),
    auth,
    cors: readCors(draft),
    roles: readRoles(draft),
    tables: yield* readTables(draft),
    functions: readFunctions(draft),
    limits: readLimits(draft),
    operations,
    docs: readDocs(draft, auth.anonymous),
    tests: readTests(draft),
    files: new Map(files.map((file) => [file.path, hash(file.text)])),
    locate: draft.locate,
  } satisfies Project);
  yield;
  checkReferences(draft);
  yield;
  if (complete) {
    checkRoles(draft, value);
    yield;
    checkInheritance(draft, value);
    yield;
  }
  checkPolicies(draft, value);
  yield;
  warnNotEnforced(draft);
  const all = limited(sorted([...diagnostics, ...draft.diagnostics]));
  return name === undefined ? { diagnostics: all } : { value, diagnostics: all };
}

interface Parsed {
  readonly documents: readonly YamlDocument[];
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Files in the folders that the project names are not its own: they are left out with all that was found in them. */
function* parseFiles(folder: SourceFolder): Pieces<Parsed> {
  const parsed: (ParsedDocument & { readonly file: SourceFile })[] = [];
  for (const file of folder.files.filter(({ path }) => !path.endsWith('.graphql')).sort(bytewise)) {
    parsed.push({ file, ...parseDocument(file.path, file.text) });
    yield;
  }
  const documents = parsed.flatMap(({ document }) => (document ? [document] : []));
  const named = namedFolders(documents.map((document) => document.value));
  const read = parsed.filter(({ file }) => !isWithin(file.path, named));
  return {
    documents: documents.filter(({ file }) => !isWithin(file, named)),
    files: read.map(({ file }) => file),
    diagnostics: [
      ...folder.diagnostics.filter(
        ({ source }) => !source || source.file.endsWith('.graphql') || !isWithin(source.file, named),
      ),
      ...read.flatMap(({ file, diagnostics }) => {
        if (diagnostics.length === 0 || isOurs(file)) return diagnostics;
        return [skipped({ file: file.path, span: { start, end: start } })];
      }),
    ],
  };
}

/** Whether a text that cannot be read seems to be a file of the project. */
function isOurs(file: SourceFile): boolean {
  if (file.path === projectFile) return true;
  const keys = topLevelKeys.join('|');
  return new RegExp(`^["']?(${keys})["']?\\s*:`, 'm').test(file.text) || /^\s*\{[^{]/.test(file.text);
}

function checkProjectFile(draft: Draft, files: readonly SourceFile[]): void {
  if (!files.some((file) => file.path === projectFile)) {
    draft.diagnostics.push(noProjectFile);
    return;
  }
  if (!draft.complete) return;
  for (const [key, shape] of Object.entries({ novastack, project })) {
    const file = draft.locate([key], 'key')?.file;
    if (draft.value([key]) === undefined) {
      draft.error('MISSING_KEY', [], `The ${projectFile} needs "${key}".`, {
        hint: key === 'project' ? 'add project: <name>' : 'add novastack: 1',
      });
    } else if (file !== projectFile && draft.read([key], shape) !== undefined) {
      draft.error('WRONG_FILE', [key], `"${key}" stands in ${file}.`, {
        hint: `move it to ${projectFile}`,
        part: 'key',
      });
    }
  }
}

const noProjectFile: Diagnostic = {
  code: 'NO_PROJECT_FILE',
  severity: 'error',
  message: `The folder has no ${projectFile}.`,
  hint: 'make one that says novastack: 1 and project: <name>, or run novastack init',
  source: { file: projectFile, span: { start, end: start } },
};

function bytewise(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Errors are kept before warnings, so that cutting never turns a broken project into a sound one. */
function limited(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  if (diagnostics.length <= maxFindings) return diagnostics;
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  const others = diagnostics.filter((diagnostic) => diagnostic.severity !== 'error');
  const kept = [...errors, ...others].slice(0, maxFindings);
  return [
    ...sorted(kept),
    {
      code: 'MORE_FINDINGS',
      severity: 'notice',
      message: `${diagnostics.length - kept.length} more findings are not shown.`,
      hint: 'mend these first',
    },
  ];
}
