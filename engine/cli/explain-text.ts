/** What `explain` found, for people: words, small tables and laid-out SQL. Pure but for the colours that the terminal takes. */
import type {
  Origin,
  Policy,
  SelectExplanation,
  TableExplanation,
  WriteExplanation,
} from '../check/explain.ts';
import { ofEarlierRows } from '../execute/explainer.ts';
import type { Explained, RoleExplanation } from './explain.ts';
import { counted } from './report.ts';
import { layoutSql } from './sql-layout.ts';
import type { Style, Terminal } from './terminal.ts';

type Paint = (style: Style, text: string) => string;

const verbs = ['select', 'insert', 'update', 'delete'] as const;
const width = 100;

export function tableText(one: TableExplanation, terminal: Terminal): string {
  const paint = painter(terminal);
  const head = `${paint('bold', one.role)} on ${paint('bold', one.table)}  ${paint('dim', `${one.relation} in database ${one.database}`)}`;
  const from = one.everything ? 'may do everything' : one.inherits.length === 0 ? undefined : `inherits ${one.inherits.join(', ')}`;
  if (!verbs.some((verb) => one[verb] !== undefined))
    return [head, ...(from === undefined ? [] : [`  ${from}`]), '', '  Nothing is granted: to this role the table does not exist.'].join('\n');
  const summary = verbs.map((verb) => `  ${verb.padEnd(8)}${one[verb] === undefined ? paint('dim', 'no') : paint('green', summaryOf(one, verb))}`);
  const parts = [
    [head, ...(from === undefined ? [] : [`  ${from}`])].join('\n'),
    summary.join('\n'),
    ...(one.select === undefined ? [] : [selectText(one, one.select, paint)]),
    ...(['insert', 'update', 'delete'] as const).flatMap((verb) => {
      const grant = one[verb];
      return grant === undefined ? [] : [writeText(verb, grant, paint)];
    }),
    ...(one.relationships.length === 0 ? [] : [relationshipsText(one, paint)]),
  ];
  return parts.join('\n\n');
} // biome-ignore format: cases

function summaryOf(one: TableExplanation, verb: (typeof verbs)[number]): string {
  if (verb === 'select') {
    const { columns, rows, minGroup } = one.select!;
    const some = columns.filter(({ when }) => when !== undefined).length;
    const facts = [
      isAll(rows) ? 'every row' : 'some rows',
      `${columns.length} of ${columns.length + one.unreadable.length} columns${some === 0 ? '' : `, ${some} of them in some rows only`}`,
      ...(minGroup === undefined ? [] : ['aggregates']),
    ];
    return facts.join('; ');
  }
  const { columns, where, check } = one[verb]!;
  const facts = [
    ...(where === undefined ? [] : [isAll(where) ? 'every row' : 'some rows']),
    ...(verb === 'delete' ? [] : [counted(columns.length, 'column')]),
    ...(check === undefined ? [] : [isAll(check) ? 'nothing is checked' : 'checked']),
  ];
  return facts.join('; ');
}

function selectText(one: TableExplanation, grant: SelectExplanation, paint: Paint): string {
  const whole = grant.columns.filter(({ when }) => when === undefined).map(({ name }) => name);
  const aggregates =
    grant.minGroup === undefined
      ? 'no'
      : grant.minGroup > 1
        ? `yes, of ${grant.minGroup} rows or more`
        : 'yes';
  return section('select', paint, [
    ...policyLines('rows', grant.rows, paint),
    ...originLines(grant.origins, paint),
    ...field('columns', list(whole)),
    ...guardedColumns(grant).flatMap(({ names, when }) =>
      policyLines('', { ...when, text: `${names.join(', ')}: null but where ${when.text}` }, paint),
    ),
    ...(grant.computed.length === 0 ? [] : field('computed', list(grant.computed))),
    ...(one.unreadable.length === 0
      ? []
      : field('not', list(one.unreadable.map(({ name, hidden }) => (hidden ? `${name} (hidden)` : name))))),
    ...field('limit', [`${grant.limit} rows of each list`]),
    ...field('aggregates', [aggregates]),
  ]);
}

/** Columns that are readable under one condition are told of together. */
function guardedColumns({ columns }: SelectExplanation) {
  const guarded = new Map<string, { readonly names: string[]; readonly when: Policy }>();
  for (const { name, when } of columns) {
    if (when === undefined) continue;
    const same = guarded.get(when.text);
    if (same === undefined) guarded.set(when.text, { names: [name], when });
    else same.names.push(name);
  }
  return [...guarded.values()];
}

function writeText(verb: string, { columns, set, where, check, origin }: WriteExplanation, paint: Paint): string {
  return section(verb, paint, [
    ...(where === undefined ? [] : policyLines('rows', where, paint)),
    ...originLines([origin], paint, where === undefined || isAll(where)),
    ...(verb === 'delete' ? [] : field('columns', list(columns))),
    ...(set.length === 0 ? [] : field('sets', [set.map(({ column, value }) => `${column} = ${value}`).join(', ')])),
    ...(check === undefined
      ? []
      : where !== undefined && where.text === check.text
        ? field('check', ['the same, of the row as it is then'])
        : isAll(check)
          ? field('check', ['nothing'])
          : policyLines('check', check, paint)),
  ]);
} // biome-ignore format: cases

function relationshipsText({ relationships }: TableExplanation, paint: Paint): string {
  const names = Math.max(...relationships.map(({ name }) => name.length));
  const far = Math.max(...relationships.map(({ to }) => to.length));
  return section(
    'relationships',
    paint,
    relationships.map(
      ({ name, kind, to, by }) =>
        `${name.padEnd(names)}  ${kind === 'one' ? 'one ' : 'many'}  ${to.padEnd(far)}  ${paint('dim', by)}`,
    ),
  );
}

function section(title: string, paint: Paint, lines: readonly string[]): string {
  return [paint(['bold', 'cyan'], title), ...lines.map((line) => `  ${line}`.trimEnd())].join('\n');
}

const labelWidth = 12;

function field(label: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${(index === 0 ? label : '').padEnd(labelWidth)}${line}`);
}

function policyLines(label: string, policy: Policy, paint: Paint): readonly string[] {
  if (isAll(policy)) return field(label, ['every row']);
  const sql = layoutSql(policy.sql).split('\n');
  const values = policy.parameters.map((value, index) => `${place(policy.sql, index)} ${value}`).join('  ');
  return [
    ...field(label, [policy.text]),
    ...field('', sql.map((line) => paint('dim', line))),
    ...(values === '' ? [] : field('', [paint('dim', `with ${values}`)])),
  ];
} // biome-ignore format: a line a case

function originLines(
  origins: readonly Origin[],
  paint: Paint,
  isPlain = false,
): readonly string[] {
  const places = origins.map(({ file, line }) => (file === undefined ? '' : `${file}:${line}`));
  const roles = Math.max(...origins.map(({ role }) => role.length));
  const spots = Math.max(...places.map((place) => place.length));
  return field(
    'from',
    origins.map(({ role, policy }, index) => {
      const says = isPlain || origins.length === 1 ? '' : `  ${policy === '{}' ? 'every row' : policy}`;
      return `${role.padEnd(roles)}  ${paint('dim', places[index]!.padEnd(spots))}${says}`.trimEnd();
    }),
  );
} // biome-ignore format: a line a case

function list(names: readonly string[]): readonly string[] {
  if (names.length === 0) return ['none'];
  const lines: string[] = [];
  let line = '';
  for (const [index, name] of names.entries()) {
    const item = index === names.length - 1 ? name : `${name},`;
    if (line !== '' && line.length + item.length + 1 > width - labelWidth - 2) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? item : `${line} ${item}`;
  }
  return [...lines, line];
}

/** The n-th parameter as the text names it: `$1`; where it cannot name it, `?1` is the first `?`. */
function place(text: string, index: number): string {
  return `${text.includes('$1') ? '$' : '?'}${index + 1}`;
}

function isAll({ text }: Policy): boolean {
  return text === '{}';
}

export function roleText(one: RoleExplanation, terminal: Terminal): string {
  const paint = painter(terminal);
  const facts = [
    ...(one.anonymous ? ['callers without a token'] : []),
    ...(one.inherits.length === 0 ? [] : [`inherits ${one.inherits.join(', ')}`]),
    ...(one.everything ? ['may do everything'] : []),
  ];
  const head = `${paint('bold', one.role)}${facts.length === 0 ? '' : `  ${paint('dim', facts.join('; '))}`}`;
  const header = ['table', ...verbs];
  const rows = one.tables.map((table) => [table.table, ...verbs.map((verb) => table[verb] ?? '-')]);
  const widths = header.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]!.length)));
  const line = (cells: readonly string[], style?: Style): string => {
    const text = cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at]!))).join('  ');
    return `  ${style === undefined ? text : paint(style, text)}`;
  };
  const table =
    rows.length === 0
      ? '  The project lists no tables.'
      : [line(header, 'dim'), ...rows.map((row) => line(row, row.slice(1).every((cell) => cell === '-') ? 'dim' : undefined))].join('\n');
  return [
    one.description === null ? head : `${head}\n  ${one.description}`,
    table,
    ...(one.functions.length === 0 ? [] : [`  may execute: ${one.functions.join(', ')}`]),
  ].join('\n\n');
} // biome-ignore format: cases

export function requestText(
  { method, url, caller, statements, refusal }: NonNullable<Explained['request']>,
  terminal: Terminal,
): string {
  const paint = painter(terminal);
  const head = `${paint('bold', `${method} ${url}`)}  ${paint('dim', caller === 'anonymous' ? 'without a token' : 'with a token')}`;
  const told = statements.map(({ does, of, database, text, parameters, tellsCaller }, at) => {
    const before = statements[at - 1];
    const goesOn = before?.does === does && before.of === of;
    const said = parameters.map(({ value, from }, index) => {
      const why = from === undefined ? '' : value === null ? `${from}, which is not there` : from;
      return `  ${place(text, index)}  ${parameterText(value)}${why === '' ? '' : paint('dim', `  ${why}`)}`;
    });
    const around = tellsCaller ? ', in a transaction that knows the caller' : '';
    return [
      goesOn
        ? paint('cyan', 'and then')
        : paint(['bold', 'cyan'], `${does} ${of}`) + paint('dim', `  database ${database}${around}`),
      layoutSql(text, '  '),
      ...(said.length === 0 ? [] : ['', ...said]),
    ].join('\n');
  });
  const end =
    refusal !== undefined
      ? [
          [
            `${paint(['bold', 'red'], `refused: ${refusal.status} ${refusal.code}`)}`,
            `  ${refusal.message}`,
            ...(refusal.hint === null ? [] : [`  hint: ${refusal.hint}`]),
          ].join('\n'),
        ]
      : statements.length === 0
        ? ['  No statement: it is answered without the database.']
        : [];
  return [head, ...told, ...end].join('\n\n');
} // biome-ignore format: cases

type Parameter = NonNullable<Explained['request']>['statements'][number]['parameters'][number];

/** As it is sent: text, which needs quotes where it could be taken for something else. */
function parameterText(value: Parameter['value']): string {
  if (value === undefined) return ofEarlierRows;
  const isPlain = typeof value === 'string' && value !== 'null' && /^\S(?:.*\S)?$/.test(value);
  return isPlain ? value : JSON.stringify(value);
}

function painter(terminal: Terminal): Paint {
  return (style, text) => terminal.paint('out', style, text);
}
