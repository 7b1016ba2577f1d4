/** Embeds of REST that name the far table instead of the relationship: which one they mean, and whether that is one still. Pure. */
import type { Edge, Table, WorldTable } from '../../api/api.ts';
import { names, say, strong } from '../sentence.ts';
import { atRelation, type Comparison } from './comparison.ts';

/** @param now edges of the base → those of the head */
export function tellAmbiguous(
  base: Table,
  head: Table,
  now: ReadonlyMap<Edge, Edge>,
  comparison: Comparison,
): void {
  const hit = new Map<string, { roles: string[]; before: Edge; after: readonly Edge[] }>();
  for (const role of comparison.roles) {
    const before = comparison.base.api.world(role).tables.get(base.name);
    const after = comparison.head.api.world(role).tables.get(head.name);
    if (before === undefined || after === undefined) continue;
    for (const name of new Set([...before.edges.values()].map(({ to }) => to.rest))) {
      const [meant, ...others] = meantBy(name, before);
      const means = meantBy(name, after);
      // A name of its own is compared as that; a relationship that is gone is told of.
      if (meant === undefined || others.length > 0 || meant.name === name || !now.has(meant)) continue;
      if (means.length === 0 || (means.length === 1 && means[0] === now.get(meant))) continue;
      const known = hit.get(name) ?? { roles: [], before: meant, after: means };
      hit.set(name, known);
      known.roles.push(role);
    }
  }
  for (const [name, found] of hit) tell(name, found, head, comparison);
}

/** As REST finds it, without a hint. */
function meantBy(name: string, { edges }: WorldTable): readonly Edge[] {
  const named = edges.get(name);
  if (named !== undefined) return [named];
  return [...edges.values()].filter(({ to, routine }) => to.rest === name && routine === undefined);
}

function tell(
  name: string,
  { roles, before, after }: { roles: readonly string[]; before: Edge; after: readonly Edge[] },
  head: Table,
  comparison: Comparison,
): void {
  const all = after.map((edge) => edge.name);
  comparison.tell('relationship-ambiguous', {
    subject: { table: head.name, relationship: before.name, value: name },
    roles,
    sentence:
      after.length > 1
        ? say`Embedding ${name} from ${head.name} in REST meant ${before.name}, and ${strong('fits')} ${names(all)}.`
        : say`Embedding ${name} from ${head.name} in REST meant ${before.name}, and ${strong('means')} ${names(all)}.`,
    hint: `leave the new one out (relationships: { ${all.find((one) => one !== before.name)}: false }), or let callers embed ${before.name} by its name first`,
    before: before.name,
    after: all.join(', '),
    place: atRelation(head),
  });
}
