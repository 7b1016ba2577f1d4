/** A column that a role does not see is refused as one that does not exist: the same answer, but for the name that was asked. */
import type { Wire } from './notation.ts';
import { absent } from './question.ts';
import { reachOf } from './reach.ts';
import type { Json } from './schema.ts';
import type { Served } from './served.ts';
import type { Draw } from './tape.ts';
import type { DrawnWorld } from './world.ts';

/** Undefined when a column that is drawn and one that is not there are refused alike, whatever is asked of them. */
export async function difference(
  { schema, policies }: DrawnWorld,
  draw: Draw,
  served: Served,
): Promise<string | undefined> {
  const role = draw.pick(policies.roles).name;
  const unseen = [...reachOf(role, policies, schema).values()].flatMap(({ table, select, insert, update }) =>
    select === undefined
      ? []
      : table.columns
          .filter(({ name }) => !select.columns.has(name))
          .map(({ name }) => ({
            table: table.name,
            name,
            written: [insert, update].some((one) => one?.columns.has(name)),
          })),
  );
  if (unseen.length === 0) return undefined;
  const { table, name, written } = draw.pick(unseen);
  const [asked, other] = [name, absent.name].map((one) => wiresOf(table, one, written));
  for (const [index, wire] of asked!.entries()) {
    const got = await served.send(role, {}, wire);
    const same = await served.send(role, {}, other![index]!);
    const [one, two] = [told(got.body, name), told(same.body, absent.name)];
    if (got.status !== same.status || one !== two || (wire.surface === 'rest' && got.status < 400))
      return `as ${role}: ${JSON.stringify(wire)}\n${got.status} ${one}\n${same.status} ${two}`;
  }
  return undefined;
}

function wiresOf(table: string, name: string, written: boolean): readonly Wire[] {
  const get = (query: string): Wire => ({
    surface: 'rest',
    method: 'GET',
    path: `/${table}?${query}`,
    headers: {},
    body: undefined,
  });
  const graphql = (query: string): Wire => ({ surface: 'graphql', query, variables: {} });
  const write = (method: 'POST' | 'PATCH', path: string): Wire => ({
    surface: 'rest',
    method,
    path,
    headers: {},
    body: { [name]: null },
  });
  return [
    get(`select=${name}`),
    get(`${name}=is.null`),
    get(`or=(${name}.eq.1,${name}.is.null)`),
    get(`order=${name}`),
    get(`select=${name}.max()`),
    graphql(`{ ${table} { ${name} } }`),
    graphql(`{ ${table}(where: { ${name}: { _is_null: true } }) { __typename } }`),
    graphql(`{ ${table}(order_by: { ${name}: asc }) { __typename } }`),
    // What it may write it may know of.
    ...(written ? [] : [write('POST', `/${table}`), write('PATCH', `/${table}?${name}=is.null`)]),
  ];
}

/** Without the name, and without hints: those are of names that the role sees, and hang on what was written alone. */
function told(body: Json | undefined, name: string): string {
  const text = JSON.stringify(body, (key, value) => (key === 'hint' ? null : value)) ?? '';
  return text.replaceAll(/ Did you mean [^?]*\?/g, '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), '?');
}
