/** What describes the project to one role, and what an engine says to a name that is nearly one: as texts to be searched. */
import { printTypes } from '../../engine/typings/typescript.ts';
import { shelfOf } from '../../site/book.ts';
import { siteContent } from '../../site/content.ts';
import { request } from './graphql.ts';
import { columnOf, follows, hiddenNames, isReadable, type Sight, shownNames, sightOf } from './oracle.ts';
import type { Request, ServedWorld } from './served.ts';
import { type Column, type Role, relationships, roles, type Table, tables } from './world.ts';

const introspection = request(
  `{ __schema { types { name description kind enumValues { name description } inputFields { name description defaultValue type { ...t } }
    fields { name description type { ...t } args { name description type { ...t } } } } directives { name description } } }
  fragment t on __Type { name ofType { name ofType { name ofType { name } } } }`,
);

/** Requests whose answers describe all that a role sees. */
export const descriptions: Readonly<Record<string, Request>> = {
  'Swagger 2.0': { method: 'GET', path: '/rest/v1/' },
  'OpenAPI 3.1': { method: 'GET', path: '/openapi.json' },
  'OpenAPI 3.1 of the root': {
    method: 'GET',
    path: '/rest/v1/',
    headers: { accept: 'application/vnd.oai.openapi+json;version=3.1' },
  },
  SDL: { method: 'GET', path: '/schema.graphql' },
  introspection,
};

export const typesOf = ({ api }: ServedWorld, role: Role): string => printTypes(api, role.name);

export interface RoleDocs {
  /** All that the role's part of the site says, in every form. */
  readonly text: string;
  /** Columns that it says the role may read or write, by table. */
  readonly columns: (table: Table) => readonly string[];
}

export function docsOf({ api }: ServedWorld, role: Role): RoleDocs {
  const content = siteContent(api, {
    basePath: '/matrix',
    origin: 'http://127.0.0.1:4000',
    roles: [role.name],
  });
  const { tables } = content.roles[0]!;
  return {
    text: JSON.stringify([content, shelfOf(content)]),
    columns: (table) => {
      const access = tables.find(({ name }) => name === table.name)?.access;
      return access?.matrix.map(({ column }) => column) ?? [];
    },
  };
}

/** A name with a slip of the finger. `shown`: the role sees the name that was meant, and may be helped. */
export interface Near {
  readonly what: string;
  readonly role: Role;
  readonly meant: string;
  readonly shown: boolean;
  readonly request: Request;
}

const rest = (path: string, more: Partial<Request> = {}): Request => ({
  method: 'GET',
  path: `/rest/v1/${path}`,
  ...more,
});
const slip = (name: string): string => `${name.slice(0, -1)}${name.endsWith('x') ? 'y' : 'x'}`;

export function nearNames(): readonly Near[] {
  return roles.flatMap((role) => [...tables.values()].flatMap((table) => nearOf(role, table)));
}

function nearOf(role: Role, table: Table): readonly Near[] {
  const sight = sightOf(role, table);
  const meant = table.name;
  const reads = sight.readable.length > 0;
  return [
    { what: 'a table', role, meant, shown: sight.seen, request: rest(slip(meant)) },
    {
      what: 'a root field',
      role,
      meant,
      shown: reads,
      request: request(`{ ${slip(meant)} { __typename } }`),
    },
    {
      what: 'a mutation',
      role,
      meant,
      shown: sight.insertable.length > 0,
      request: request(`mutation { ${slip(`insert_${meant}`)}(objects: []) { affected_rows } }`),
    },
    {
      what: 'a type',
      role,
      meant: `${meant}_bool_exp`,
      shown: false,
      request: request(`query ($a: ${slip(`${meant}_bool_exp`)}) { __typename }`),
    },
    ...(reads
      ? relationships
          .filter(({ from }) => from === table.word)
          .flatMap((edge) => nearEdge(sight, edge.name, follows(role, edge)))
      : []),
    ...(sight.seen ? table.columns.flatMap((column) => nearColumn(sight, column)) : []),
  ];
}

function nearEdge({ role, table }: Sight, meant: string, shown: boolean): readonly Near[] {
  return [
    { what: 'a relationship', role, meant, shown, request: rest(`${table.name}?select=${slip(meant)}(*)`) },
    {
      what: 'a field of rows',
      role,
      meant,
      shown,
      request: request(`{ ${table.name} { ${slip(meant)} { __typename } } }`),
    },
  ];
}

function nearColumn(sight: Sight, column: Column): readonly Near[] {
  const { role, table } = sight;
  const { name: meant } = column;
  const shown = isReadable(sight, column);
  const wrong = slip(meant);
  const reading: readonly Near[] = [
    { what: 'a column', role, meant, shown, request: rest(`${table.name}?select=${wrong}`) },
    { what: 'a column of a filter', role, meant, shown, request: rest(`${table.name}?${wrong}=eq.1`) },
    { what: 'a column of an order', role, meant, shown, request: rest(`${table.name}?order=${wrong}`) },
    { what: 'a field', role, meant, shown, request: request(`{ ${table.name} { ${wrong} } }`) },
    {
      what: 'a field of a filter',
      role,
      meant,
      shown: false,
      request: request(`{ ${table.name}(where: { ${wrong}: {} }) { __typename } }`),
    },
    {
      what: 'a value of an enum',
      role,
      meant,
      shown: false,
      request: request(`{ ${table.name}(distinct_on: ${wrong}) { __typename } }`),
    },
  ];
  const inserting: Near = {
    what: 'a column of a body',
    role,
    meant,
    shown: sight.insert !== undefined && sight.known.includes(column),
    request: rest(table.name, { method: 'POST', body: JSON.stringify({ [wrong]: null }) }),
  };
  return [...(sight.readable.length > 0 ? reading : []), inserting];
}

/** A request that names something of the database which the role does not see, and the name. */
export interface Unseen {
  readonly what: string;
  readonly name: string;
  readonly request: Request;
}

/** What has no place in tables and columns: to be answered as if there were no such name. */
export function unseenBy(role: Role): readonly Unseen[] {
  const names = [
    hiddenNames.function,
    ...[...tables.keys()].flatMap((word) => [hiddenNames.check(word), hiddenNames.index(word)]),
  ];
  const anywhere = names.flatMap((name) => [
    { what: 'a function', name, request: rest(`rpc/${name}`) },
    { what: 'a function called', name, request: rest(`rpc/${name}`, { method: 'POST', body: '{}' }) },
    { what: 'a root field', name, request: request(`{ ${name} }`) },
    { what: 'a table', name, request: rest(name) },
  ]);
  return [...anywhere, ...[...tables.values()].flatMap((table) => unseenOf(sightOf(role, table)))];
}

/** Constraints and columns as hints, as targets of conflicts, as columns of a body. */
function unseenOf(sight: Sight): readonly Unseen[] {
  const { role, table } = sight;
  if (!sight.seen) return [];
  const hints = relationships
    .filter(({ from, to }) => from === table.word && to !== 'digest')
    .flatMap((edge) => {
      const holder = tables.get(edge.many ? edge.to : edge.from)!;
      const column = columnOf(holder, edge.many ? edge.far : edge.near);
      const reads = [holder, tables.get(edge.many ? edge.from : edge.to)!].every((one, index) =>
        isReadable(
          sightOf(role, one),
          index === 0 ? column : columnOf(one, edge.many ? edge.near : edge.far),
        ),
      );
      if (edge.through !== undefined || reads) return [];
      const name = shownNames.foreignKey(holder, column);
      return [
        { what: 'a hint', name, request: rest(`${table.name}?select=${edge.name}!${name}(*)`) },
        { what: 'a relationship by its constraint', name, request: rest(`${table.name}?select=${name}(*)`) },
      ];
    });
  const columns = table.columns.filter((column) => !sight.known.includes(column));
  return [
    ...hints,
    ...columns.flatMap(({ name }) => [
      {
        what: 'a target of conflicts',
        name,
        request: rest(`${table.name}?on_conflict=${name}`, conflicting(sight)),
      },
      {
        what: 'columns of a body',
        name,
        request: rest(`${table.name}?columns=${name}`, { method: 'POST', body: '[{}]' }),
      },
      { what: 'a spread', name, request: rest(`${table.name}?select=...${name}(*)`) },
      { what: 'having', name, request: rest(`${table.name}?select=count()&having=${name}.max().gt.1`) },
      { what: 'a cast', name, request: rest(`${table.name}?select=${name}::text`) },
      { what: 'a path', name, request: rest(`${table.name}?select=${name}->a`) },
      {
        what: 'a condition of several',
        name,
        request: rest(`${table.name}?or=(${name}.is.null,${name}.eq.1)`),
      },
      {
        what: 'distinct',
        name,
        request: request(`{ ${table.name}(distinct_on: [${name}]) { __typename } }`),
      },
      {
        what: 'an operator of updates',
        name,
        request: request(
          `mutation { update_${table.name}(where: {}, _inc: { ${name}: 1 }) { affected_rows } }`,
        ),
      },
      {
        what: 'a subscription',
        name,
        request: request(
          `subscription { ${table.name}_stream(batch_size: 1, cursor: { initial_value: { ${name}: 1 } }) { __typename } }`,
        ),
      },
    ]),
  ];
}

function conflicting({ table, insertable }: Sight): Partial<Request> {
  const [first] = insertable;
  const body = JSON.stringify(
    first === undefined ? {} : { [first.name]: table.rows[0]?.[first.word] ?? null },
  );
  return { method: 'POST', headers: { prefer: 'resolution=merge-duplicates' }, body };
}
