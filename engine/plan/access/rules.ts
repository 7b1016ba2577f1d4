/** The rules of the access diff: ids never change their meaning, since approvals and reports name them. Data only. */

/**
 * `gain`: somebody may do what they could not. `loss`: what worked is refused, or shows less. `both`: one or the other, or
 * both, and nothing proves which. `neither`: the same rights, exercised otherwise.
 */
export type Direction = 'gain' | 'loss' | 'both' | 'neither';

export interface Rule {
  readonly title: string;
  readonly direction: Direction;
}

function rule(direction: Direction, title: string): Rule {
  return { title, direction };
}

export const rules = {
  'granted': rule('gain', 'Rights on a table, of a project that is new or of callers that were refused'),
  'read-gained': rule('gain', 'Columns can be read that could not'),
  'read-lost': rule('loss', 'Columns can no longer be read'),
  'insert-gained': rule('gain', 'Rows can be inserted, or columns of them set, that could not'),
  'insert-lost': rule('loss', 'Rows can no longer be inserted, or columns of them no longer set'),
  'update-gained': rule('gain', 'Columns can be updated that could not'),
  'update-lost': rule('loss', 'Columns can no longer be updated'),
  'delete-gained': rule('gain', 'Rows can be deleted that could not'),
  'delete-lost': rule('loss', 'Rows can no longer be deleted'),
  'execute-gained': rule('gain', 'A function can be called that could not'),
  'results-gained': rule('gain', 'Rows that a function gives show columns that they did not'),
  'execute-lost': rule('loss', 'A function can no longer be called'),
  'rows-weakened': rule('gain', 'A row filter lets through more rows, and all that it did'),
  'rows-strengthened': rule('loss', 'A row filter lets through fewer rows, and none that it did not'),
  'rows-changed': rule('both', 'A row filter is another one'),
  'cells-weakened': rule('gain', 'The condition under which a column can be read holds for more rows'),
  'cells-strengthened': rule('loss', 'The condition under which a column can be read holds for fewer rows'),
  'cells-changed': rule('both', 'The condition under which a column can be read is another one'),
  'check-weakened': rule('gain', 'The check of new rows lets through more of them'),
  'check-strengthened': rule('loss', 'The check of new rows lets through fewer of them'),
  'check-changed': rule('both', 'The check of new rows is another one'),
  'preset-removed': rule('gain', 'A value that the engine set is chosen by callers'),
  'preset-dropped': rule('both', 'A value is no longer set, and nobody chooses it: the database gives its default'),
  'preset-added': rule('loss', 'A value that callers chose is set by the engine'),
  'preset-imposed': rule('both', 'A value that nobody chose is set by the engine'),
  'preset-changed': rule('both', 'The engine sets another value'),
  'aggregate-gained': rule('gain', 'Aggregates over a table can be asked for'),
  'aggregate-lost': rule('loss', 'Aggregates over a table can no longer be asked for'),
  'group-lowered': rule('gain', 'Aggregates tell of fewer rows'),
  'group-raised': rule('loss', 'Aggregates over so few rows are no longer told'),
  'limit-lowered': rule('neither', 'Lists are cut at fewer rows'),
  'limit-raised': rule('neither', 'Lists are cut at more rows'),
  'relationship-gained': rule('gain', 'A relationship between readable tables can be followed'),
  'relationship-lost': rule('loss', 'A relationship can no longer be followed'),
  'relation-changed': rule('both', 'A table of the same name is of another relation'),
  'function-changed': rule('both', 'A function of the same name is another one of the database'),
  'function-unfiltered': rule('gain', 'Rows that a function gives no longer pass the grant of their table'),
  'function-filtered': rule('loss', 'Rows that a function gives pass the grant of their table'),
  'dry-run-gained': rule('gain', 'Writes can be asked for that are rolled back'),
  'dry-run-lost': rule('loss', 'Writes that are rolled back are refused'),
  'anonymous-opened': rule('gain', 'Callers without a token are served'),
  'anonymous-changed': rule('neither', 'Callers without a token have another role'),
  'anonymous-closed': rule('loss', 'Callers without a token are refused'),
} as const satisfies Readonly<Record<string, Rule>>; // biome-ignore format: a table

export type RuleId = keyof typeof rules;
