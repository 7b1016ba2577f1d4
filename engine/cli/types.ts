/** `novastack types`: what clients in TypeScript need to know of the API, as `Database` for supabase-js or as SDL. */
import { hasErrors } from '../../schema/diagnostic.ts';
import { nearest } from '../../schema/nearest.ts';
import type { Api } from '../api/api.ts';
import { validateProject } from '../check/validate.ts';
import { printTypes } from '../typings/typescript.ts';
import type { Command, Input } from './command.ts';
import { badInput } from './failure.ts';
import { headings } from './headings.ts';
import { projectFolder } from './project-folder.ts';
import { printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const types: Command = {
  ...headings.types,
  about: `Prints the type Database that supabase-js and postgrest-js take, in the form of
"supabase gen types", and nothing else: createClient<Database>(url, key). It has
all that the project exposes, or with --role what that role may read, write and
call. With --graphql it prints a role's GraphQL schema instead. Like "validate" it
needs no database, no secret and no network; what it finds goes to stderr.`,
  words: { least: 0, most: 1 },
  options: {
    lang: { kind: 'value', value: 'language', choices: ['typescript'], help: 'of the types (default)' },
    role: { kind: 'value', value: 'name', short: 'r', help: "one of the project's roles" },
    graphql: { kind: 'flag', help: 'print SDL, of --role or else of the anonymous role' },
  },
  examples: [
    'novastack types > src/database.ts',
    'novastack types examples/bookshop --role customer',
    'novastack types --graphql --role staff > schema.graphql',
  ],
  brief: true,
  run,
};

async function run(input: Input, terminal: Terminal): Promise<number> {
  const sdl = input.flag('graphql');
  if (sdl && input.value('lang') !== undefined)
    throw badInput('Options --lang and --graphql exclude each other.', 'leave one of them out');
  const dir = await projectFolder(input.words[0]);
  const { diagnostics, compiled } = await validateProject(dir);
  const findings = diagnostics.filter(({ severity }) => severity !== 'notice');
  const takesColor = () => terminal.takesColor('err');
  printFindings(findings, 'text', dir, { ...terminal, out: terminal.err, takesColor });
  if (hasErrors(diagnostics) || compiled === undefined) return 1;
  const { api } = compiled;
  if (diagnostics.some(({ code }) => code === 'NO_CATALOG') && api.tables.size === 0)
    throw badInput('There are no types to print: no table could be compared with a database.');
  const role = readRole(input.value('role'), api);
  const text = sdl ? await printSdl(api, role ?? anonymousRole(api)) : printTypes(api, role);
  terminal.out(text.trimEnd());
  return 0;
}

function readRole(role: string | undefined, api: Api): string | undefined {
  if (role === undefined || api.roles.has(role)) return role;
  const guess = nearest(role, [...api.roles.keys()]);
  throw badInput(
    `There is no role "${role}".`,
    guess === undefined ? rolesOf(api) : `did you mean "${guess}"?`,
  );
}

function anonymousRole({ anonymous, ...api }: Api): string {
  if (anonymous !== undefined) return anonymous;
  throw badInput(
    'Each role has a GraphQL schema of its own, and the project has no anonymous role: write --role <name>.',
    rolesOf(api),
  );
}

function rolesOf({ roles }: Pick<Api, 'roles'>): string {
  return roles.size === 0 ? 'the project declares no roles' : `the roles are ${[...roles.keys()].join(', ')}`;
}

/** GraphQL is loaded when it is wanted. */
async function printSdl(api: Api, role: string): Promise<string> {
  const [{ buildModel }, { printModel }] = await Promise.all([
    import('../graphql/model.ts'),
    import('../graphql/introspect.ts'),
  ]);
  return printModel(buildModel(api, role));
}
