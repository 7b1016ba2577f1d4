/** Tables as projects have them, in any number: modules with links inside them, a few tables that many refer to. */
import type { DiagramColumn, DiagramEdge, DiagramTable } from './diagram.ts';

export interface Schema {
  readonly tables: readonly DiagramTable[];
  readonly edges: readonly DiagramEdge[];
}

const nouns = ['account', 'order', 'invoice', 'payment', 'product', 'category', 'price', 'parcel', 'carrier'];
const types = ['text', 'integer', 'timestamptz', 'numeric(10,2)', 'boolean', 'jsonb', 'uuid', 'order_status'];
const facts = [
  'name',
  'created_at',
  'status',
  'amount',
  'description',
  'external_reference',
  'settings',
  'kind',
];

/** @param seed another one gives another schema of that size */
export function schemaOf(count: number, seed: number): Schema {
  const next = random(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  const tables: DiagramTable[] = [];
  const edges: DiagramEdge[] = [];
  for (let index = 0; index < count; index++) {
    const name = `${nouns[index % nouns.length]}s_${Math.floor(index / nouns.length)}`;
    const columns: DiagramColumn[] = [{ name: 'id', type: 'bigint', key: true, link: false }];
    const module = index - (index % nouns.length);
    const links = index > 0 && next() > 0.1 ? 1 + below(3) : 0;
    for (let link = 0; link < links; link++) {
      const target = next() < 0.2 ? 0 : next() < 0.8 ? module + below(index - module + 1) : below(index);
      const column = `link_${link}_id`;
      columns.push({ name: column, type: 'bigint', key: false, link: true });
      edges.push(...bothWays(name, column, tables[target]?.name ?? name));
    }
    for (const fact of facts.slice(0, below(facts.length)))
      columns.push({ name: fact, type: types[below(types.length)]!, key: false, link: false });
    tables.push({ name, href: `/docs/${name}/`, kind: next() < 0.1 ? 'view' : 'table', columns });
  }
  return { tables, edges };
}

export function bothWays(from: string, column: string, to: string): readonly DiagramEdge[] {
  const [there, back] = [[column], ['id']];
  return [
    {
      from,
      to,
      fromColumns: there,
      toColumns: back,
      kind: 'one',
      through: null,
      label: `${column} of ${from}`,
    },
    { from: to, to: from, fromColumns: back, toColumns: there, kind: 'many', through: null, label: from },
  ];
}

/** A linear congruence: the same numbers everywhere. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}
