/** `novastack explain`: what a role may do, where it comes from, and the SQL that a request of it becomes. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { hasErrors } from '../../schema/diagnostic.ts';
import { nearest } from '../../schema/nearest.ts';
import type { Project } from '../../schema/project.ts';
import type { Api, Table } from '../api/api.ts';
import type { Principal } from '../auth/principal.ts';
import { explainTable } from '../check/explain.ts';
import { validateProject } from '../check/validate.ts';
import type { Binding } from '../query/bind.ts';
import type { InjectedRequest } from '../revision/revision.ts';
import type { Command, Input } from './command.ts';
import { requestText, roleText, tableText } from './explain-text.ts';
import { badInput } from './failure.ts';
import { headings } from './headings.ts';
import { projectFolder } from './project-folder.ts';
import { printFindings } from './report.ts';
import type { Terminal } from './terminal.ts';

export const explain: Command = {
  ...headings.explain,
  about: `Says in words what role R may do with a table once all that it inherits is taken
together: rows, columns, presets, checks, limits, relationships, each with the line
of YAML it comes from, as the condition that is enforced and as SQL. Without a table
it is one line for each table of the project.
With --request or --graphql it shows the SQL that such a request becomes, or how it
is refused. Nothing is run: like "validate" it needs no database and no secret.`,
  words: { least: 1, most: 3 },
  options: {
    request: { kind: 'value', value: 'path', help: "a REST request: '/rest/v1/books?select=id', 'DELETE /rest/v1/…'" },
    method: { kind: 'value', value: 'verb', choices: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'], help: 'of --request (default GET, with --body POST)' },
    body: { kind: 'value', value: 'json', help: 'of --request' },
    prefer: { kind: 'value', value: 'text', help: 'the header Prefer of --request: return=representation' },
    graphql: { kind: 'value', value: 'document', help: "a GraphQL document: '{ books { id } }'" },
    variables: { kind: 'value', value: 'json', help: 'of --graphql' },
    claims: { kind: 'value', value: 'json', help: 'of the token, as a JSON object: \'{"sub": "7"}\'' },
    format: { kind: 'value', value: 'form', choices: ['text', 'json'], help: 'form of the answer (default text)' },
  },
  examples: [
    'novastack explain visitor',
    'novastack explain customer books examples/bookshop',
    "novastack explain visitor --request '/rest/v1/books?select=id,title&price=lt.10'",
    'novastack explain customer orders --graphql \'{ orders { id } }\' --claims \'{"customer_id": 14}\'',
  ],
  brief: true,
  run,
}; // biome-ignore format: an option a line

async function run(input: Input, terminal: Terminal): Promise<number> {
  const request = readRequest(input);
  const claims = readObject(input.value('claims'), '--claims');
  const { role: roleName, table: tableName, dir: folder } = readWords(input.words);
  const dir = await projectFolder(folder);
  const { diagnostics, project, compiled } = await validateProject(dir);
  const isBroken = hasErrors(diagnostics);
  if (isBroken || project === undefined || compiled === undefined) {
    const takesColor = () => terminal.takesColor('err');
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    printFindings(errors, 'text', dir, { ...terminal, out: terminal.err, takesColor });
    return 1;
  }
  const { api } = compiled;
  const role = readRole(roleName, api);
  const table = tableName === undefined ? undefined : readTable(tableName, project, api);
  const explained = await explainAll(project, api, { role, table, request, claims });
  terminal.out(
    input.value('format') === 'json' ? JSON.stringify(explained, null, 2) : textOf(explained, terminal),
  );
  return 0;
}

interface Asked {
  readonly role: string;
  readonly table: Table | undefined;
  readonly request: InjectedRequest | undefined;
  readonly claims: Principal['claims'] | undefined;
}

async function explainAll(project: Project, api: Api, { role, table, request, claims }: Asked) {
  const answer = request === undefined ? undefined : await explained(project, api, { role, request, claims });
  return {
    ...(table === undefined ? null : { table: explainTable(project, api, role, table) }),
    ...(table === undefined && request === undefined ? { role: overviewOf(project, api, role) } : null),
    ...(answer === undefined ? null : { request: answer }),
  };
}

/** The surfaces are loaded when they are wanted. */
async function explained(
  project: Project,
  api: Api,
  {
    role,
    request,
    claims,
  }: { role: string; request: InjectedRequest; claims: Principal['claims'] | undefined },
) {
  const [{ callerOf, explainRequest }, { bindingText }] = await Promise.all([
    import('../revision/explain.ts'),
    import('../check/explain.ts'),
  ]);
  const caller = callerOf(api, role, claims);
  const { statements, refusal } = await explainRequest(project, api, caller, request);
  return {
    method: request.method,
    url: request.url,
    caller: caller.kind,
    statements: statements.map(({ parameters, ...told }) => ({
      ...told,
      parameters: parameters.map(({ value, binding }) => ({ value, from: originOf(binding, bindingText) })),
    })),
    refusal,
  };
}

/** Values of a policy are told apart from those of the request. */
function originOf(binding: Binding | undefined, textOf: (binding: Binding) => string): string | undefined {
  switch (binding?.kind) {
    case 'claim':
    case 'preset':
    case 'now':
      return textOf(binding);
    default:
      return undefined;
  }
}

export type Explained = Awaited<ReturnType<typeof explainAll>>;

function textOf({ table, role, request }: Explained, terminal: Terminal): string {
  return [
    ...(table === undefined ? [] : [tableText(table, terminal)]),
    ...(role === undefined ? [] : [roleText(role, terminal)]),
    ...(request === undefined ? [] : [requestText(request, terminal)]),
  ].join('\n\n');
}

/** One line for each table. */
export interface RoleExplanation {
  readonly role: string;
  readonly description: string | null;
  readonly inherits: readonly string[];
  readonly everything: boolean;
  readonly anonymous: boolean;
  readonly tables: readonly {
    readonly table: string;
    readonly select: string | null;
    readonly insert: string | null;
    readonly update: string | null;
    readonly delete: string | null;
  }[];
  readonly functions: readonly string[];
}

function overviewOf(project: Project, api: Api, role: string): RoleExplanation {
  const tables = [...api.tables.values()].map((table) => {
    const one = explainTable(project, api, role, table);
    const rows = (text: string | undefined) =>
      text === undefined || text === '{}' ? 'all rows' : 'some rows';
    const visible = [...table.columns.values()].filter(({ hidden }) => !hidden).length;
    const { select, insert, update } = one;
    const whole = select?.columns.filter(({ when }) => when === undefined).length ?? 0;
    return {
      table: table.name,
      select:
        select === undefined
          ? null
          : whole === visible
            ? rows(select.rows.text)
            : `${rows(select.rows.text)}, ${select.columns.length} of ${visible} columns${whole < select.columns.length ? `, ${select.columns.length - whole} not always` : ''}`,
      insert: insert === undefined ? null : insert.check?.text === '{}' ? 'unchecked' : 'checked',
      update: update === undefined ? null : rows(update.where?.text),
      delete: one.delete === undefined ? null : rows(one.delete.where?.text),
    };
  });
  const { inherits, everything } = explainRole(project, role);
  return {
    role,
    description: api.roles.get(role)?.description ?? null,
    inherits,
    everything,
    anonymous: api.anonymous === role,
    tables,
    functions: [...api.world(role).functions.keys()],
  };
}

function explainRole(project: Project, role: string) {
  const seen = new Set([role]);
  for (const name of seen) for (const parent of project.roles.get(name)?.inherits ?? []) seen.add(parent);
  return { inherits: [...seen].slice(1), everything: project.roles.get(role)?.everything === true };
}

/** `explain visitor examples/bookshop`: a second word that is a project's folder is one. */
function readWords([role, second, third]: readonly string[]) {
  if (second === undefined || third !== undefined) return { role: role!, table: second, dir: third };
  const isProject = existsSync(path.join(path.resolve(second), 'novastack.yaml'));
  return isProject
    ? { role: role!, table: undefined, dir: second }
    : { role: role!, table: second, dir: undefined };
}

function readRole(role: string, { roles }: Api): string {
  if (roles.has(role)) return role;
  const guess = nearest(role, [...roles.keys()]);
  throw badInput(
    `There is no role "${role}".`,
    guess !== undefined
      ? `did you mean "${guess}"?`
      : roles.size === 0
        ? 'the project declares no roles'
        : `the roles are ${[...roles.keys()].join(', ')}`,
  );
}

function readTable(name: string, project: Project, { tables }: Api): Table {
  const table = tables.get(name);
  if (table !== undefined) return table;
  if (project.tables.has(name))
    throw badInput(
      `Nothing tells what the database of table "${name}" looks like.`,
      'run "novastack lock" against the database and commit novastack.lock/, or give it "migrations:"',
    );
  const guess = nearest(name, tables.keys());
  throw badInput(
    `There is no table "${name}" under tables:.`,
    guess !== undefined
      ? `did you mean "${guess}"?`
      : tables.size === 0
        ? 'the project lists no tables'
        : `the tables are ${[...tables.keys()].join(', ')}`,
  );
}

function readRequest(input: Input): InjectedRequest | undefined {
  const rest = input.value('request');
  const graphql = input.value('graphql');
  if (rest !== undefined && graphql !== undefined)
    throw badInput('Options --request and --graphql exclude each other.', 'leave one of them out');
  for (const [name, needs, given] of [
    ['method', 'request', rest],
    ['body', 'request', rest],
    ['prefer', 'request', rest],
    ['variables', 'graphql', graphql],
  ] as const)
    if (input.value(name) !== undefined && given === undefined)
      throw badInput(`Option --${name} goes with --${needs}.`, `add --${needs}, or leave --${name} out`);
  if (graphql !== undefined) {
    const variables = readObject(input.value('variables'), '--variables');
    return {
      method: 'POST',
      url: '/graphql/v1',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: graphql, variables }),
    };
  }
  return rest === undefined ? undefined : restRequest(rest, input);
}

type Method = InjectedRequest['method'];

function restRequest(written: string, input: Input): InjectedRequest {
  const [, verb, url] = /^(?:([A-Za-z]+)\s+)?(\S*)$/.exec(written.trim()) ?? [];
  if (url === undefined || !url.startsWith('/'))
    throw badInput(
      `"${written}" is no path of a request.`,
      "write it as a client sends it: '/rest/v1/books?select=id'",
    );
  const methods = explain.options.method!.choices!;
  if (verb !== undefined && !methods.includes(verb.toUpperCase()))
    throw badInput(`"${verb}" is no method of REST.`, `use one of ${methods.join(', ')}`);
  const body = input.value('body');
  const method = input.value('method') ?? verb?.toUpperCase() ?? (body === undefined ? 'GET' : 'POST');
  const prefer = input.value('prefer');
  return {
    method: method as Method,
    url,
    headers: {
      ...(body === undefined ? null : { 'content-type': 'application/json' }),
      ...(prefer === undefined ? null : { prefer }),
    },
    ...(body === undefined ? null : { body }),
  };
}

function readObject(text: string | undefined, option: string): Principal['claims'] | undefined {
  if (text === undefined) return undefined;
  const example = `write an object, in quotes for the shell: ${option} '{"sub": "7"}'`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badInput(`${option} is not JSON: ${(error as Error).message}.`, example);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw badInput(`${option} is JSON, but not an object.`, example);
  return value as Principal['claims'];
}
