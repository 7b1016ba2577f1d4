/** What a statement of a migration does to a database that is in use: data. Told by each dialect from its text alone. */
import type { Position } from '../../schema/diagnostic.ts';

/** `nothing`: others go on; `writes`: writes of the relation wait; `everything`: reads wait too. */
export type Blocks = 'nothing' | 'writes' | 'everything';

export interface OtherRelation {
  readonly relation: string;
  readonly lock: string | undefined;
  readonly blocks: Blocks | undefined;
}

/** What is known beside the text. */
export interface DescribeOptions {
  /** As the catalog has them (`Catalog.engine`, `Catalog.version`); undefined: the worst of what the dialect serves. */
  readonly engine?: string;
  readonly version?: string;
  /** Default: false where the script begins with `-- novastack:no-transaction`, else true. */
  readonly transaction?: boolean;
}

export interface StatementEffect {
  /** In words: `adds column "isbn" to "books"`, else the first words of the statement. One line, at most 200 characters. */
  readonly summary: string;
  /** Where it begins in the script, after comments. */
  readonly start: Position;
  /** The relation that it is of, as the database reads its name; undefined: none, or it cannot be told. */
  readonly relation: string | undefined;
  /** What it locks besides, such as a table that a foreign key refers to. `lock` and `blocks` are the gravest of all. */
  readonly others?: readonly OtherRelation[];
  /**
   * The strongest that somebody may wait for, as the database calls it: `ACCESS EXCLUSIVE`, `SHARE`; where it has algorithms for
   * DDL: `INSTANT`, `NOCOPY` (MariaDB), `INPLACE`, `COPY`. `none`: no relation is held. Undefined: cannot be told.
   */
  readonly lock: string | undefined;
  readonly blocks: Blocks | undefined;
  /** How long it is held: as long as it takes to write some lines of the catalog, to read or to write anew the whole table, or to write the rows that it names. */
  readonly work: 'instant' | 'scan' | 'rewrite' | 'rows' | undefined;
  /** Whether another migration could undo it without losing data. */
  readonly undo: 'yes' | 'loses data' | 'no' | undefined;
  /** What to do instead, where there is a way that holds nobody up; lower-case imperative without a final period. */
  readonly advice: string | undefined;
}
