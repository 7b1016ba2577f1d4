/** `novastack docs`: the documentation site of a project as a folder of static files. */
import path from 'node:path';
import { hasErrors } from '../../schema/diagnostic.ts';
import { didYouMean } from '../../schema/nearest.ts';
import type { Project } from '../../schema/project.ts';
import { validateProject } from '../check/validate.ts';
import { type Command, formatOption, type Input } from './command.ts';
import { everyRole } from './docs-roles.ts';
import { badInput, unreachable } from './failure.ts';
import { headings } from './headings.ts';
import { projectFolder } from './project-folder.ts';
import { rehearsed } from './rehearse.ts';
import { formatOf, printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const docs: Command = {
  ...headings.docs,
  about: `Checks the project as "validate" does, without a database, and builds its
documentation, role by role: what that role sees and may do, and nothing else. The
roles under "docs:" are built, else the anonymous one; these pages may be published.
The first build installs Astro.`,
  words: { least: 0, most: 1 },
  options: {
    out: { kind: 'value', value: 'folder', short: 'o', help: 'where to write it, from here (default site)' },
    role: {
      kind: 'value',
      value: 'name',
      short: 'r',
      many: true,
      help: 'build this role instead, public or not; may be given several times',
    },
    'all-roles': { kind: 'flag', help: 'build every role: for a site within, never for the public' },
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
    'novastack docs --role staff --role customer --out build/internal',
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
  const roles = rolesOf(input, project);
  const out = path.resolve(input.value('out') ?? 'site');
  const began = performance.now();
  terminal.err(`Building the documentation of ${project.name}${forWhom(roles, project)}.`);
  await rehearsed(dir, project, (rehearsal) =>
    build({
      api: compiled.api,
      project,
      directory: dir,
      roles,
      rehearsal,
      out,
      basePath: (input.value('base') ?? `/${project.name}`).replace(/\/+$/, ''),
      origin,
      onProgress: (line) => terminal.err(line),
    }),
  );
  terminal.err(`Written to ${out} in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  return 0;
}

/** The roles that are typed, or those that the project publishes. */
function rolesOf(input: Input, project: Project): readonly string[] {
  const named = [...new Set(input.values('role'))];
  if (input.flag('all-roles')) {
    if (named.length > 0)
      throw badInput('Options --all-roles and --role exclude each other.', 'give one of them');
    return everyRole(project);
  }
  const unknown = named.find((name) => !project.roles.has(name));
  if (unknown !== undefined) {
    throw badInput(
      `There is no role "${unknown}" in the project.`,
      didYouMean(unknown, project.roles.keys()) ?? `its roles are ${[...project.roles.keys()].join(', ')}`,
    );
  }
  return named.length > 0 ? named : project.docs.roles;
}

function forWhom(roles: readonly string[], { docs }: Project): string {
  if (roles.length === 0) return ', which publishes no role: it has an overview and no more';
  const within = roles.filter((role) => !docs.roles.includes(role));
  const names = roles.join(', ');
  return within.length === 0 ? ` for ${names}` : ` for ${names}; not public: ${within.join(', ')}`;
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
