/** Which cases can be asked of the portable museum: those that name nothing that only the whole museum has. */
import type { Api } from '../../../engine/api/api.ts';
import type { Case, Group } from '../case.ts';

export type Names = ReadonlySet<string>;

/** Every name of a table, a column or a function that the role may use. */
export function namesOf(api: Api): Names {
  const world = api.world('web');
  const tables = [...world.tables.values()];
  return new Set([
    ...tables.map(({ table }) => table.rest),
    ...tables.flatMap(({ columns, computed }) => [...columns.keys(), ...computed.keys()]),
    ...[...world.functions.values()].map(({ rest }) => rest),
  ]);
}

/** The cases that name nothing of `missing`. */
export function askable(group: Group, missing: Names): Group {
  return {
    ...group,
    cases: group.cases.map(renamed).filter((one) => !wordsOf(one).some((word) => missing.has(word))),
  };
}

function wordsOf({ request, json, body }: Case): readonly string[] {
  const text = `${decoded(request)} ${JSON.stringify(json) ?? ''} ${body ?? ''}`;
  return text.split(/[^\p{L}\p{N}_]+/u);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** MariaDB takes no sign beyond the basic plane in a name: one column has another name here, and so in its cases. */
function renamed(one: Case): Case {
  if (!one.request.includes('/we ird')) return one;
  return JSON.parse(JSON.stringify(one).replaceAll('😀', '☺')) as Case;
}
