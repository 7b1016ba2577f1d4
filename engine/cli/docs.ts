/** `novastack docs`: the documentation site of a project as a folder of static files. */
import path from 'node:path';
import { hasErrors } from '../../schema/diagnostic.ts';
import { validateProject } from '../check/validate.ts';
import { type Command, formatOption, type Input } from './command.ts';
import { badInput, unreachable } from './failure.ts';
import { headings } from './headings.ts';
import { projectFolder } from './project-folder.ts';
import { formatOf, printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const docs: Command = {
  ...headings.docs,
  about: `Checks the project as "validate" does, without a database, and builds its
documentation: an overview, and a page for each table with its columns,
relationships and what each role may do. The first build installs Astro.`,
  words: { least: 0, most: 1 },
  options: {
    out: { kind: 'value', value: 'folder', short: 'o', help: 'where to write it, from here (default site)' },
    base: {
      kind: 'value',
      value: 'path',
      help: 'what its URLs begin with (default /<project>, as in "dev")',
    },
    origin: {
      kind: 'value',
      value: 'url',
      help: 'scheme and host of the API in examples (default http://127.0.0.1:4000)',
    },
    format: formatOption,
  },
  examples: [
    'novastack docs examples/bookshop --out build/docs',
    'novastack docs --base / --origin https://api.bookshop.example',
  ],
  brief: true,
  run,
};

async function run(input: Input, terminal: Terminal): Promise<number> {
  const format = formatOf(input);
  const origin = readOrigin(input.value('origin'));
  const dir = await projectFolder(input.words[0]);
  const { diagnostics, project, compiled } = await validateProject(dir);
  printFindings(diagnostics, format, dir, terminal);
  if (hasErrors(diagnostics) || project === undefined || compiled === undefined) return 1;
  if (diagnostics.some((each) => each.code === 'NO_CATALOG') && compiled.api.tables.size === 0) {
    throw badInput('There is nothing to document: no table could be compared with a database.');
  }
  const out = path.resolve(input.value('out') ?? 'site');
  const began = performance.now();
  terminal.err(`Building the documentation of ${project.name}.`);
  await build({
    api: compiled.api,
    out,
    basePath: (input.value('base') ?? `/${project.name}`).replace(/\/+$/, ''),
    origin,
    onProgress: (line) => terminal.err(line),
  });
  terminal.err(`Written to ${out} in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  return 0;
}

type Build = typeof import('../../site/build.ts');

/** The site is loaded when it is wanted: what serves must not wait for it. */
async function build(options: Parameters<Build['buildSite']>[0]): Promise<void> {
  const { buildSite, SiteError } = await import('../../site/build.ts');
  try {
    await buildSite(options);
  } catch (error) {
    if (error instanceof SiteError) throw unreachable(error.message, { hint: error.hint, cause: error });
    throw error;
  }
}

function readOrigin(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/+$/, '');
  throw badInput(`Option --origin does not understand "${text}".`, 'write it as https://api.example.eu');
}
