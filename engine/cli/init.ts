/** `novastack init`: a project to begin with, new or over a database that exists. */
import path from 'node:path';
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import { projectName } from '../../schema/sections/project.ts';
import { validateProject } from '../check/validate.ts';
import { adoptedProject } from './adopt.ts';
import type { Command, Input } from './command.ts';
import { editorSchema, schemaFrom, writeSchemaCopy } from './editor-schema.ts';
import { type Existing, readExisting } from './existing-database.ts';
import { badInput } from './failure.ts';
import { headings } from './headings.ts';
import { loadProject } from './project-folder.ts';
import { recordLock } from './record-lock.ts';
import { counted, printFindings } from './report.ts';
import { type Files, newProject } from './scaffold.ts';
import { shellWord } from './shell.ts';
import type { Terminal } from './terminal.ts';
import { ignoreInGit, refuseConflicts, writeFiles } from './write-files.ts';
import { type WrittenWorkflow, writeWorkflow } from './write-workflow.ts';

export const init: Command = {
  ...headings.init,
  about: `Writes a project into a folder (default: the current one): an embedded database
with a migration and seeds, one table with its permissions, and tests.

With --from it reads an existing PostgreSQL, MySQL or MariaDB database instead and
writes one file for each table. Nobody but the role "service" sees anything until you say so.
The URL itself is never written: the project refers to an environment variable.

A GitHub workflow that plans its pull requests goes to the top of the Git repository
in which the folder lies, unless there is one already.

A folder that holds a project, or one of the files, is left untouched.`,
  words: { least: 0, most: 1 },
  options: {
    from: {
      kind: 'value',
      value: 'url',
      help: 'an existing database: postgres://, mysql:// or mariadb://user@host/name, or ${env:NAME}',
    },
    schemas: {
      kind: 'value',
      value: 'a,b',
      help: 'with --from: schemas to read (default public; on MySQL the database of the URL)',
    },
    project: {
      kind: 'value',
      value: 'slug',
      help: "the project's name in URLs (default: the folder's name)",
    },
    'no-workflow': { kind: 'flag', help: 'write no workflow for GitHub' },
  },
  examples: [
    'novastack init bookshop',
    'novastack init bookshop --from postgres://localhost/bookshop --schemas public,stock',
    'novastack init bookshop --from mysql://root@localhost/bookshop',
    "novastack init bookshop --from '${env:BOOKSHOP_URL}'",
  ],
  brief: true,
  run,
};

async function run(input: Input, terminal: Terminal): Promise<number> {
  const dir = path.resolve(input.words[0] ?? '.');
  const project = slugOf(input.value('project'), dir);
  const from = input.value('from');
  if (from === undefined && input.value('schemas') !== undefined) {
    throw badInput('Option --schemas belongs to --from.', 'a new project has one schema, public');
  }
  await refuseConflicts(dir, []);

  const existing = from === undefined ? undefined : await readExisting(project, from, schemasOf(input));
  const schema = editorSchema(dir);
  const files =
    existing === undefined
      ? newProject(project, schemaFrom(schema))
      : adoptedProject(
          { project, url: existing.reference, engine: existing.engine, catalog: existing.catalog },
          schemaFrom(schema),
        );
  await writeFiles(dir, files);
  await ignoreInGit(dir, '.novastack/');
  if (schema.copied) await writeSchemaCopy(dir);
  const workflow = input.flag('no-workflow') ? undefined : await writeWorkflow(dir);

  const diagnostics = await prove(dir, existing);
  printFindings(
    diagnostics.filter((each) => each.severity !== 'notice'),
    'text',
    dir,
    terminal,
  );
  if (hasErrors(diagnostics)) return 1;
  printNextSteps({ dir, project, files, existing, workflow }, terminal);
  return 0;
}

/** Checks what was written, together with what the folder held before, and writes the lock. */
async function prove(dir: string, existing: Existing | undefined): Promise<readonly Diagnostic[]> {
  const loaded = await loadProject(dir);
  if (!('project' in loaded)) return loaded.diagnostics;
  if (existing !== undefined) {
    await recordLock(
      dir,
      loaded.project,
      new Map([['main', { catalog: existing.catalog, migrations: undefined }]]),
    );
  }
  const { diagnostics, known } = await validateProject(dir);
  if (existing === undefined && !hasErrors(diagnostics)) await recordLock(dir, loaded.project, known);
  return diagnostics;
}

interface Made {
  readonly dir: string;
  readonly project: string;
  readonly files: Files;
  readonly existing: Existing | undefined;
  readonly workflow: WrittenWorkflow | undefined;
}

function printNextSteps({ dir, project, files, existing, workflow }: Made, terminal: Terminal): void {
  const folder = path.relative(process.cwd(), dir);
  const argument = folder === '' ? '' : ` ${shellWord(folder)}`;
  const bold = (text: string) => terminal.paint('out', 'bold', text);
  terminal.out(
    `${bold(project)} is ready in ${folder === '' ? 'this folder' : folder}: ${counted(files.size, 'file')}.`,
  );
  for (const file of [...files.keys()].slice(0, 8)) terminal.out(`  ${file}`);
  if (files.size > 8) terminal.out(`  and ${files.size - 8} more`);
  if (workflow !== undefined) terminal.out(`\n${wordsOf(workflow, dir)}`);
  const steps: [string, string][] = [
    [`npx novastack dev${argument}`, 'serves it, and anew after each save'],
    [`npx novastack validate${argument}`, 'checks it, without a database'],
  ];
  if (existing === undefined) steps.push([`npx novastack test${argument}`, 'runs its tests']);
  if (existing?.variable !== undefined) {
    steps.unshift([`export ${existing.variable}=…`, 'the URL you gave; it was not written anywhere']);
  }
  const width = Math.max(...steps.map(([command]) => command.length));
  terminal.out('\nNext:');
  for (const [command, why] of steps) terminal.out(`  ${command.padEnd(width)}   # ${why}`);
  if (existing === undefined) return;
  terminal.out(
    '\nOnly the role "service" sees anything yet: open tables/ and grant one permission at a time.',
  );
}

function wordsOf({ file, outcome }: WrittenWorkflow, dir: string): string {
  const name = path.relative(process.cwd(), file);
  switch (outcome) {
    case 'written':
      return `On GitHub, ${name} plans each pull request.`;
    case 'kept':
      return `${name} was there and is as it was: see that it runs for ${path.basename(dir)} too.`;
    case 'barred':
      return `${name} could not be written: there is a file where its folder would be.`;
  }
  outcome satisfies never;
}

/** The project's name in URLs: what was asked for, else the folder's name made to fit. */
function slugOf(wanted: string | undefined, dir: string): string {
  if (wanted !== undefined) {
    if (slugPattern.test(wanted)) return wanted;
    throw badInput(
      `"${wanted}" cannot be the name of a project.`,
      'use lower-case letters, digits and hyphens, at most 63, beginning with a letter',
    );
  }
  const slug = path
    .basename(dir)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  if (slugPattern.test(slug)) return slug;
  throw badInput(
    `The folder's name "${path.basename(dir)}" gives no name for the project.`,
    'add --project <slug>',
  );
}

const slugPattern = new RegExp(projectName.pattern);

function schemasOf(input: Input): readonly string[] | undefined {
  const text = input.value('schemas');
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  if (names.includes(''))
    throw badInput('Option --schemas has an empty name.', 'write --schemas public,stock');
  return names;
}
