/** Whether the oracle's two halves say the same: the evaluator, and plain SQL asked of the database. The engine has no part in it. */
import type { TestEngine } from '../servers/identity.ts';
import { drawClaims } from './claims.ts';
import { asking, sightSql, truthSql } from './plain-sql.ts';
import type { Permission, Select, Update } from './policy.ts';
import type { Predicate } from './predicate.ts';
import { reachOf } from './reach.ts';
import type { Row, Table } from './schema.ts';
import type { Served } from './served.ts';
import { database, sightOf } from './sight.ts';
import type { Draw } from './tape.ts';
import { requireClaims, truthOf } from './truth.ts';
import type { DrawnWorld } from './world.ts';

/** Undefined when they agree on each predicate of each row, and on each cell of each role. */
export async function disagreement(
  { schema, state, policies }: DrawnWorld,
  draw: Draw,
  { admin }: Served,
  engine: TestEngine,
): Promise<string | undefined> {
  const claims = drawClaims(draw);
  const fits = (predicate: Predicate) => {
    try {
      requireClaims(predicate, claims);
      return true;
    } catch {
      return false;
    }
  };
  const world = database(state, claims);
  for (const table of schema.values()) {
    const predicates = [...policies.permissions.get(table.name)!.values()].flatMap(predicatesOf).filter(fits);
    const found = await admin.query(truthSql(table, predicates, asking(engine, claims)));
    for (const row of state.get(table.name)!) {
      const judged = found.find((one) => isOf(one, row, table))!;
      for (const [index, predicate] of predicates.entries()) {
        const truth = truthOf(predicate, row, world);
        const said = judged[`p${index}`] === null ? null : Number(judged[`p${index}`]) === 1;
        if (truth !== said)
          return `${table.name} ${JSON.stringify({ row, claims, predicate, evaluator: truth, sql: said })}`;
      }
    }
    for (const role of policies.roles) {
      const reach = reachOf(role.name, policies, schema);
      const own = reach.get(table.name);
      if (own?.select === undefined) continue;
      if (!own.select.parts.every(({ where, columns }) => [where, ...columns.values()].every(fits))) continue;
      const shown = await admin.query(sightSql(own, asking(engine, claims)));
      const sight = sightOf(reach, state, claims);
      const rows = sight.rows(table.name);
      if (rows.length !== shown.length)
        return `${table.name} ${role.name}: ${rows.length} rows, SQL ${shown.length}`;
      for (const masked of rows) {
        const whole = sight.whole(masked);
        const said = shown.find((one) => isOf(one, whole, table));
        for (const name of own.select.columns) {
          const cell = Number(said?.[`see_${name}`]) === 1 ? whole[name] : null;
          if (cell !== masked[name])
            return `${table.name}.${name} ${role.name}: ${JSON.stringify([whole, masked, said])}`;
        }
      }
    }
  }
  return undefined;
}

function isOf(found: Readonly<Record<string, unknown>>, row: Row, { key }: Table): boolean {
  return key.every((name, index) => Number(found[`key_${index}`]) === row[name]);
}

function predicatesOf(permission: Permission): readonly Predicate[] {
  const grants: readonly (true | Partial<Select & Update>)[] = Object.values(permission);
  return grants
    .flatMap((grant) => (grant === true ? [] : [grant.where, grant.check, ...(grant.when?.values() ?? [])]))
    .filter((predicate) => predicate !== undefined);
}
