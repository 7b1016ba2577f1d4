/** How an object was before a statement that commits by itself, to tell afterwards whether the statement was run. */
import { createHash } from 'node:crypto';
import { isServerError } from './errors.ts';
import { type Runner, unnamed } from './journal.ts';
import { quoted } from './notation.ts';
import type { Kept, Trace } from './statement.ts';

/** Nothing tells: a person has to look. */
export const untold = 'unknown';
/** The statement may be run again, whatever came of it. */
export const repeatable = 'repeatable';

/**
 * @param schema where a name without one is looked for
 * @returns a text that differs before and after the statement, if one of the two above was not the answer
 */
export async function stateOf(runner: Runner, trace: Trace, schema: string): Promise<string> {
  switch (trace.kind) {
    case 'repeatable':
      return repeatable;
    case 'none':
      return untold;
    case 'existence':
      return existence(runner, trace.of, trace.schema ?? schema, trace.name);
    case 'definition':
      return definition(runner, trace.schema ?? schema, trace.name);
    default:
      return trace satisfies never;
  }
}

const lists: Readonly<Record<Kept, string>> = {
  table: 'TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
  procedure: "ROUTINES WHERE ROUTINE_TYPE = 'PROCEDURE' AND ROUTINE_SCHEMA = ? AND ROUTINE_NAME = ?",
  function: "ROUTINES WHERE ROUTINE_TYPE = 'FUNCTION' AND ROUTINE_SCHEMA = ? AND ROUTINE_NAME = ?",
  trigger: 'TRIGGERS WHERE TRIGGER_SCHEMA = ? AND TRIGGER_NAME = ?',
  event: 'EVENTS WHERE EVENT_SCHEMA = ? AND EVENT_NAME = ?',
};

async function existence(runner: Runner, of: Kept, schema: string, name: string): Promise<string> {
  const { rows } = await runner.run(unnamed(`SELECT COUNT(*) FROM information_schema.${lists[of]}`), [
    schema,
    name,
  ]);
  return rows[0]?.[0] === '0' ? 'absent' : 'present';
}

const noSuchTable = 1146;

async function definition(runner: Runner, schema: string, name: string): Promise<string> {
  try {
    const { rows } = await runner.run(unnamed(`SHOW CREATE TABLE ${quoted(schema)}.${quoted(name)}`), []);
    // Whoever inserts meanwhile moves the counter.
    const text = (rows[0]?.[1] ?? '').replace(/ AUTO_INCREMENT=\d+/, '');
    return createHash('sha256').update(text).digest('hex');
  } catch (error) {
    if (isServerError(error) && error.errno === noSuchTable) return 'absent';
    throw error;
  }
}
