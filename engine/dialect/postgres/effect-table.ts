/** What ALTER TABLE does, action by action; also of foreign tables and materialized views. Pure. */
import { parted, Reader, type Token } from '../reader.ts';
import { named, type Reading } from '../step.ts';
import { addedColumn } from './effect-column.ts';
import { addedConstraint } from './effect-constraint.ts';
import { brief, holds, inOwnFile, type PostgresStep } from './effect-lock.ts';

/** @param reader behind the word for what is altered */
export function alterTable(reader: Reader, known: ReadonlySet<string>): Reading | undefined {
  if (reader.takes('all in tablespace')) return undefined;
  reader.takes('if exists');
  reader.takes('only');
  const table = reader.name();
  reader.takes('*');
  if (table === undefined || reader.ended) return undefined;
  const steps = parted(reader.rest()).map((action) => stepOf(new Reader(action), table, known));
  return steps.every((step) => step !== undefined) ? { relation: table, steps } : undefined;
}

function stepOf(reader: Reader, table: string, known: ReadonlySet<string>): PostgresStep | undefined {
  const first = reader.next()?.keyword;
  switch (first) {
    case 'add':
      return added(reader, table, known);
    case 'drop':
      return dropped(reader, table);
    case 'alter':
      return altered(reader, table);
    case 'validate':
      return validated(reader, table);
    case 'rename':
      return renamed(reader, table);
    case 'attach':
    case 'detach':
      return reader.takes('partition') ? partitioned(first, reader, table) : undefined;
    case 'enable':
    case 'disable':
    case 'force':
    case 'no':
      return switched(first, reader, table);
    case 'set':
    case 'reset':
      return set(first, reader, table);
    case 'owner':
      return brief(`changes the owner of ${named(table)}`, table);
    case 'cluster':
      return brief(
        `chooses the index by which CLUSTER orders ${named(table)}`,
        table,
        'SHARE UPDATE EXCLUSIVE',
      );
    case 'inherit':
      return inherited(reader, table);
    case 'replica':
      return brief(`changes what replication tells of rows of ${named(table)}`, table);
    case 'of':
    case 'not':
      return brief(`changes the type that ${named(table)} is of`, table);
    case 'options':
      return brief(`changes options of ${named(table)}`, table);
    default:
      return undefined;
  }
}

const constraintWords = ['constraint', 'check', 'unique', 'primary', 'foreign', 'not'];

/** EXCLUDE may be the name of a column too. */
function isConstraint(reader: Reader): boolean {
  if (constraintWords.includes(reader.keyword())) return true;
  return reader.keyword() === 'exclude' && ['using', '('].includes(reader.keyword(1));
}

function added(reader: Reader, table: string, known: ReadonlySet<string>): PostgresStep | undefined {
  const isColumn = reader.takes('column');
  if (!isColumn && isConstraint(reader)) return addedConstraint(reader, table);
  reader.takes('if not exists');
  const column = reader.name();
  if (column === undefined || reader.ended) return undefined;
  const { work, advice, references } = addedColumn(reader.rest(), known);
  const others = references.filter((name) => name !== table);
  return {
    does: `adds column ${named(column)} to ${named(table)}${refersTo(others)}`,
    held: [holds(table, 'ACCESS EXCLUSIVE'), ...others.map((name) => holds(name, 'SHARE ROW EXCLUSIVE'))],
    work,
    undo: 'yes',
    advice,
  };
}

/** Of the tables that a foreign key holds too. */
export function refersTo(tables: readonly string[]): string {
  if (tables.length === 0) return '';
  const list = tables.map(named).join(', ');
  return `, which refers to ${list}: ${tables.length === 1 ? 'it is' : 'they are'} locked too`;
}

function dropped(reader: Reader, table: string): PostgresStep | undefined {
  const ofConstraint = reader.takes('constraint');
  if (!ofConstraint) reader.takes('column');
  reader.takes('if exists');
  const name = reader.name();
  if (name === undefined) return undefined;
  const undo = ofConstraint ? 'yes' : 'loses data';
  const what = ofConstraint ? `drops constraint ${named(name)} of` : `drops column ${named(name)} of`;
  return brief(`${what} ${named(table)}`, table, 'ACCESS EXCLUSIVE', { undo });
}

function altered(reader: Reader, table: string): PostgresStep | undefined {
  if (reader.takes('constraint')) {
    const name = reader.name();
    return name === undefined
      ? undefined
      : brief(`changes constraint ${named(name)} of ${named(table)}`, table);
  }
  reader.takes('column');
  // An index has columns without names.
  const column = reader.name() ?? reader.next()?.value;
  return column === undefined
    ? undefined
    : alteredColumn(reader, table, `${named(column)} of ${named(table)}`);
}

const onlyWider =
  'where the new type is only wider (varchar with a greater length or text), nothing is written anew; else add a new column, fill it in batches, and change over';
const proveFirst =
  'add CHECK (column IS NOT NULL) NOT VALID, validate it in a later migration, and SET NOT NULL in the next: then it reads nothing';

function alteredColumn(reader: Reader, table: string, column: string): PostgresStep | undefined {
  if (reader.takes('type') || reader.takes('set data type')) {
    if (reader.ended) return undefined;
    const step = brief(`changes the type of column ${column}`, table);
    return { ...step, work: 'rewrite', undo: undefined, advice: onlyWider };
  }
  if (reader.takes('set not null')) {
    const step = brief(`forbids null in column ${column}`, table);
    return { ...step, work: 'scan', advice: proveFirst };
  }
  if (reader.takes('drop not null')) return brief(`allows null in column ${column}`, table);
  if (reader.takes('set default')) return brief(`sets the default of column ${column} for new rows`, table);
  if (reader.takes('drop default')) return brief(`drops the default of column ${column}`, table);
  if (reader.takes('set expression'))
    return { ...brief(`changes the expression of column ${column}`, table), work: 'rewrite' };
  if (reader.takes('drop expression')) return brief(`makes column ${column} a plain one`, table);
  if (reader.takes('drop identity')) return brief(`drops the identity of column ${column}`, table);
  if (reader.takes('add generated')) return brief(`makes column ${column} an identity`, table);
  const light = reader.takes('set statistics') || reader.takes('set (') || reader.takes('reset (');
  if (light)
    return brief(`changes what the planner learns of column ${column}`, table, 'SHARE UPDATE EXCLUSIVE');
  if (reader.takesOne('set storage', 'set compression') !== undefined)
    return brief(`changes how values of column ${column} are stored from now on`, table);
  if (reader.takesOne('set generated', 'restart', 'set') !== undefined)
    return brief(`changes the identity of column ${column}`, table);
  return reader.takes('options') ? brief(`changes options of column ${column}`, table) : undefined;
}

function validated(reader: Reader, table: string): PostgresStep | undefined {
  const name = reader.takes('constraint') ? reader.name() : undefined;
  if (name === undefined) return undefined;
  const does = `validates constraint ${named(name)} of ${named(table)}`;
  return brief(does, table, 'SHARE UPDATE EXCLUSIVE', { work: 'scan' });
}

function renamed(reader: Reader, table: string): PostgresStep | undefined {
  if (reader.takes('to')) {
    const name = reader.name();
    if (name === undefined) return undefined;
    const does = `renames ${named(table)} to ${named(name)}`;
    return brief(does, table, 'ACCESS EXCLUSIVE', { forgets: [table, name] });
  }
  const what = reader.takes('constraint') ? 'constraint' : 'column';
  reader.takes('column');
  const from = reader.name();
  const to = reader.takes('to') ? reader.name() : undefined;
  if (from === undefined || to === undefined) return undefined;
  return brief(`renames ${what} ${named(from)} of ${named(table)} to ${named(to)}`, table);
}

const boundsFirst =
  'give the partition a CHECK of its bounds first, NOT VALID and validated later: then it is not read while it is locked';

function partitioned(first: 'attach' | 'detach', reader: Reader, table: string): PostgresStep | undefined {
  const part = reader.name();
  if (part === undefined) return undefined;
  if (first === 'attach')
    return {
      does: `attaches ${named(part)} to ${named(table)} as a partition: ${named(part)} is locked while it is read`,
      held: [holds(table, 'SHARE UPDATE EXCLUSIVE'), holds(part, 'ACCESS EXCLUSIVE')],
      work: 'scan',
      undo: 'yes',
      advice: boundsFirst,
    };
  const does = `detaches partition ${named(part)} from ${named(table)}`;
  if (reader.takes('finalize')) return brief(does, table, 'SHARE UPDATE EXCLUSIVE');
  if (reader.takes('concurrently')) return brief(does, table, 'SHARE UPDATE EXCLUSIVE', { isAlone: true });
  const step = brief(does, table, 'ACCESS EXCLUSIVE', { advice: `detach it CONCURRENTLY ${inOwnFile}` });
  return { ...step, held: [...(step.held ?? []), holds(part, 'ACCESS EXCLUSIVE')] };
}

function switched(first: string, reader: Reader, table: string): PostgresStep | undefined {
  const of = reader.takesOne('replica', 'always');
  if (reader.takes('trigger'))
    return brief(`${first}s triggers of ${named(table)}`, table, 'SHARE ROW EXCLUSIVE');
  if (reader.takes('rule')) return brief(`${first}s a rule of ${named(table)}`, table);
  if (of !== undefined) return undefined;
  if (first === 'no' && reader.takes('inherit')) return inherited(reader, table);
  if (first === 'no' && !reader.takes('force')) return undefined;
  if (!reader.takes('row level security')) return undefined;
  const how = first === 'no' ? 'no longer forces' : `${first}s`;
  return brief(`${how} row level security of ${named(table)}`, table);
}

function inherited(reader: Reader, table: string): PostgresStep | undefined {
  const parent = reader.name();
  if (parent === undefined) return undefined;
  const step = brief(`changes whether ${named(table)} inherits from ${named(parent)}`, table);
  return { ...step, held: [...(step.held ?? []), holds(parent, 'SHARE UPDATE EXCLUSIVE')] };
}

const rewriting = new Map([
  ['tablespace', 'moves %s to another tablespace'],
  ['access method', 'changes the access method of %s'],
  ['logged', 'makes %s a logged table'],
  ['unlogged', 'makes %s an unlogged table, which a crash empties'],
]);

function set(first: string, reader: Reader, table: string): PostgresStep | undefined {
  if (reader.keyword() === '(') return storage(reader, table);
  if (first === 'reset') return undefined;
  if (reader.takes('schema'))
    return brief(`moves ${named(table)} to another schema`, table, 'ACCESS EXCLUSIVE', { forgets: [table] });
  if (reader.takes('without cluster'))
    return brief(`forgets by which index CLUSTER orders ${named(table)}`, table, 'SHARE UPDATE EXCLUSIVE');
  if (reader.takes('without oids')) return brief(`does nothing to ${named(table)}`, table);
  const kind = reader.takesOne(...rewriting.keys());
  if (kind === undefined) return undefined;
  return {
    ...brief(
      rewriting.get(kind)!.replace('%s', () => named(table)),
      table,
    ),
    work: 'rewrite',
  };
}

const lightOption =
  /^(?:toast\.)?(?:fillfactor|toast_tuple_target|parallel_workers|n_distinct\w*|(?:log_)?autovacuum_\w+|vacuum_\w+|fastupdate|gin_\w+|pages_per_range|autosummarize|deduplicate_items)$/;

function storage(reader: Reader, table: string): PostgresStep | undefined {
  const options = parted(reader.group()).map((option) => optionName(option));
  if (options.length === 0 || options.includes(undefined)) return undefined;
  const isLight = options.every((option) => lightOption.test(option!.toLowerCase()));
  return brief(
    `changes storage parameters of ${named(table)}`,
    table,
    isLight ? 'SHARE UPDATE EXCLUSIVE' : undefined,
  );
}

function optionName(option: readonly Token[]): string | undefined {
  return new Reader(option).name();
}
