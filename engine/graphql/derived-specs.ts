/** What is known of types that are made for tables, worked out when a document first names one: a table has dozens. */
import type { ModelTable } from './model.ts';
import { prefixesOf } from './names.ts';

/** The specifications of each table's types, made when a name is first asked for that is derived from the table's. */
export class DerivedSpecs<Spec extends { readonly name: string }> {
  readonly #tables: ReadonlyMap<string, ModelTable>;
  readonly #make: (table: ModelTable) => readonly Spec[];
  readonly #made = new Map<ModelTable, ReadonlyMap<string, Spec>>();

  constructor(tables: ReadonlyMap<string, ModelTable>, make: (table: ModelTable) => readonly Spec[]) {
    this.#tables = tables;
    this.#make = make;
  }

  get(name: string): Spec | undefined {
    for (const table of this.#owners(name)) {
      const found = this.#of(table).get(name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Those of the tables that the name may be derived from. */
  *namesLike(name: string): Iterable<string> {
    for (const table of this.#owners(name)) yield* this.#of(table).keys();
  }

  *#owners(name: string): Iterable<ModelTable> {
    for (const prefix of prefixesOf(name)) {
      const table = this.#tables.get(prefix);
      if (table !== undefined) yield table;
    }
  }

  #of(table: ModelTable): ReadonlyMap<string, Spec> {
    let made = this.#made.get(table);
    if (made === undefined) {
      made = new Map(this.#make(table).map((spec) => [spec.name, spec]));
      this.#made.set(table, made);
    }
    return made;
  }
}
