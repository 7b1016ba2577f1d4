/** `novastack validate`: everything that can be known about a project without a database. */
import { hasErrors } from '../../schema/diagnostic.ts';
import { type Validation, validateProject } from '../check/validate.ts';
import { type Command, formatOption, type Input } from './command.ts';
import { headings } from './headings.ts';
import { projectFolder } from './project-folder.ts';
import { counted, countFindings, formatOf, printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const validate: Command = {
  ...headings.validate,
  about: `Reads every file of the project and compiles its API, and reports all that is
wrong, with file, line and column. It needs no database, no secret and no network:
tables and columns are checked against novastack.lock/, or against the migrations,
run in memory. Exit code 1 when there is an error; warnings do not count.`,
  words: { least: 0, most: 1 },
  options: { format: formatOption },
  examples: [
    'novastack validate',
    'novastack validate examples/bookshop --format json',
    'novastack validate --format github      # annotations in a workflow',
  ],
  brief: true,
  run,
};

async function run(input: Input, terminal: Terminal): Promise<number> {
  const format = formatOf(input);
  const dir = await projectFolder(input.words[0]);
  const validation = await validateProject(dir);
  printFindings(validation.diagnostics, format, dir, terminal);
  if (format === 'text')
    terminal.out(`${validation.diagnostics.length === 0 ? '' : '\n'}${summary(validation)}`);
  return hasErrors(validation.diagnostics) ? 1 : 0;
}

/** `2 errors, 1 warning in 7 files`, or `bookshop: 11 tables, 3 roles, no problems`. */
function summary({ diagnostics, files, project }: Validation): string {
  const found = countFindings(diagnostics);
  if (project === undefined || hasErrors(diagnostics)) return `${found} in ${counted(files, 'file')}`;
  const functions = project.functions.size === 0 ? '' : `, ${counted(project.functions.size, 'function')}`;
  const what = `${project.name}: ${counted(project.tables.size, 'table')}${functions}, ${counted(project.roles.size, 'role')}`;
  return `${what}, ${found ?? 'no problems'}`;
}
