/** The statements of a write's program: all their parameters are bound before the first of them runs. */
import type { Type } from '../../catalog/catalog.ts';
import type { Binding, Bound, Cells } from '../../query/bind.ts';
import type { Parameter, Rows, Statement, Transaction } from '../dialect.ts';
import { type Sql, sql } from '../sql.ts';
import { finish } from './notation.ts';

/** Where a parameter comes from: the program's own, the one cell of one of them, or the rows that the program is at. */
type Fill = { readonly kind: 'bound' | 'cell'; readonly place: number } | { readonly kind: 'rows' };

export interface Part {
  readonly statement: Statement;
  readonly fills: readonly Fill[];
}

/** Rows that a program hands to one of its statements: a JSON list of lists of texts and nulls. */
export const rowsAtHand: Sql = sql.parameter({ kind: 'written' });

/** Gathers the statements of a program. */
export class Parts {
  readonly bindings: Binding[] = [];
  readonly texts: string[] = [];

  statement(text: Sql): Part {
    const part = this.piece(text);
    this.texts.push(part.statement.text);
    return part;
  }

  /** A piece of a statement that is put together when it runs. */
  piece(text: Sql): Part {
    const { statement, bindings } = finish(text);
    return { statement, fills: bindings.map((binding) => this.#fill(binding)) };
  }

  /** Its place among the program's parameters. */
  value(binding: Binding): number {
    return this.bindings.push(binding) - 1;
  }

  #fill(binding: Binding): Fill {
    if (binding.kind === 'written') return { kind: 'rows' };
    return { kind: binding.kind === 'cells' ? 'cell' : 'bound', place: this.value(binding) };
  }
}

/** A value of the only row of a write's body. */
export function bodyCell(slot: number, name: string, type: Type): Sql {
  return sql.parameter({ kind: 'cells', slot, columns: [{ name, type }], single: true });
}

/** A program that runs. */
export interface Run {
  readonly transaction: Transaction;
  readonly bound: readonly Bound[];
}

/** @param rows what stands for `rowsAtHand` */
export function runPart(
  part: Part,
  run: Run,
  rows: readonly (readonly (string | null)[])[] = [],
): Promise<Rows> {
  return run.transaction.run(part.statement, parametersOf(part, run, rows));
}

export function parametersOf(
  { fills }: Part,
  { bound }: Run,
  rows: readonly (readonly (string | null)[])[] = [],
): readonly Parameter[] {
  const text = fills.some(({ kind }) => kind === 'rows') ? JSON.stringify(rows) : null;
  return fills.map((fill): Parameter => {
    switch (fill.kind) {
      case 'rows':
        return text;
      case 'cell':
        return (bound[fill.place] as Cells)[0]?.[0] ?? null;
      case 'bound':
        return bound[fill.place] as Parameter;
      default:
        return fill satisfies never;
    }
  });
}
