/** What it takes to add a constraint to a table. Pure. */
import { has, type Reader } from '../reader.ts';
import { named } from '../step.ts';
import { referred } from './effect-column.ts';
import { brief, holds, inOwnFile, type PostgresStep } from './effect-lock.ts';

const validateLater = 'add the constraint NOT VALID, and validate it in a later migration';
const indexFirst = `create a unique index CONCURRENTLY ${inOwnFile}, then add the constraint USING INDEX`;

/** @param reader behind ADD */
export function addedConstraint(reader: Reader, table: string): PostgresStep | undefined {
  const name = reader.takes('constraint') ? reader.name() : undefined;
  const rest = reader.rest();
  const to = `${name === undefined ? '' : ` ${named(name)}`} to ${named(table)}`;
  const step = (what: string, later: string): PostgresStep => {
    const isInstant = has(rest, 'not valid');
    return {
      ...brief(`adds ${what}${to}${isInstant ? ', for new rows' : ''}`, table),
      ...(!isInstant && { work: 'scan', advice: later }),
    };
  };
  if (reader.takes('check')) return reader.skipsGroup() ? step('a check', validateLater) : undefined;
  if (reader.takes('not null')) return step('NOT NULL', validateLater);
  if (reader.takes('foreign key')) return foreignKey(step('a foreign key', validateLater), table, rest);
  if (reader.takes('exclude')) return { ...step('an exclusion constraint', ''), advice: undefined };
  const isPrimary = reader.takes('primary key');
  if (!isPrimary && !reader.takes('unique')) return undefined;
  const what = isPrimary ? 'a primary key' : 'a unique constraint';
  if (!has(rest, 'using index')) return step(what, indexFirst);
  // A primary key makes its columns NOT NULL, which may have to be proved.
  const proved = 'make the columns NOT NULL first, by a validated CHECK: then nothing is read here';
  return isPrimary ? step(what, proved) : brief(`adds ${what}${to}, of an index that is there`, table);
}

/** Both tables let reads go on, and no writes. */
function foreignKey(
  step: PostgresStep,
  table: string,
  rest: Parameters<typeof referred>[0],
): PostgresStep | undefined {
  const [other] = referred(rest);
  if (other === undefined) return undefined;
  const tables = [...new Set([table, other])];
  const too = other === table ? '' : `, which refers to ${named(other)}: it is locked too`;
  return {
    ...step,
    does: `${step.does}${too}`,
    held: tables.map((each) => holds(each, 'SHARE ROW EXCLUSIVE')),
  };
}
