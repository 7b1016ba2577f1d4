/** Places that call what enforces permissions, and that no mutant changes by itself: each with the reason. */
import type { Exempt } from './places.ts';

export const exempt: readonly Exempt[] = [
  {
    why: 'The only way from a planned query to an authorized one, or from a level to the next: without it there is no query. What is called has mutants of its own.',
    texts: {
      'engine/query/authorize.ts': [
        '? authorizeRoot(query.node, query.form, context)',
        'return authorizeCall(query, context);',
        'node: authorizeAggregate(query.node, context) };',
        'node: authorizeConnection(query.node, context) };',
        'return authorizeInsert(query, context);',
      ],
      'engine/query/authorize-level.ts': [
        '...authorizePage(node, grant, context),',
        '...authorizeNode(node, context),',
        'authorizeHaving(part, table, context)',
        'authorizeHaving(having.of, table, context)',
        'by: authorizeOrderBy(term.by, at, context),',
        'through: term.through.map((edge) => authorizeStep(edge, context)),',
        'step: authorizeStep(by.edge, context)',
      ],
      'engine/query/authorize-write.ts': [
        'conflict: conflict && authorizeConflict(query, conflict, context),',
        'returning: query.returning.map((one) => authorizeReturning(one, query.table, context)),',
      ],
      'engine/query/write.ts': [
        'requireFree(links.flat(), columns, table, planning);',
        'const target = conflictTarget(request.columns, table);',
        'const where = planReach(request, table, planning);',
        'where: planReach(request, table, planning),',
      ],
    },
  },
  {
    why: 'Reads the grant to use it; who may not select is refused by what the same level calls besides.',
    texts: {
      'engine/query/authorize-level.ts': [
        'const grant = selectGrant(node.table, context);',
        'const at = last === undefined ? table : farTable(last, context);',
        'const { rows, guards } = selectGrant(farTable(edge, context), context);',
        'const far = farTable(by.edge, context);',
        'const { minGroup } = selectGrant(far, context);',
      ],
      'engine/query/counting.ts': ['const { rows, guards } = selectGrant(node.table, context);'],
      'engine/query/grant.ts': ['const far = farTable(condition.edge, context);'],
    },
  },
  {
    why: 'Whether the function applies to the type, which is no permission.',
    texts: {
      'engine/query/filter.ts': ['requireAggregate(name, { column'],
      'engine/query/group.ts': ['requireAggregate(item.function, { column'],
      'engine/query/term.ts': ['requireAggregate(request.function, term);'],
    },
  },
  {
    why: 'A column that is changed by what it holds has been named among those that the role reads, which none has without `select`.',
    texts: { 'engine/query/write.ts': ['if (operators.size > 0) requireSelect(table, planning);'] },
  },
  {
    why: 'Chooses among relationships of the caller’s world; what a hint may name is in mutants of `fitsHint` itself.',
    texts: {
      'engine/query/relationship.ts': [
        'fitsHint(named, hint, world)))',
        'fitsHint(edge, name, world)',
        'fitsHint(edge, hint, world)',
      ],
    },
  },
  {
    why: 'Looks for another proof that a cell is readable: without it there is one guard more, and nobody sees more.',
    texts: {
      'engine/api/condition.ts': [
        'b.of.some((part) => implies(a, part))) return true;',
        'a.of.some((part) => implies(part, b));',
      ],
    },
  },
  {
    why: 'From whom a role inherits: without it a role may less.',
    texts: {
      'engine/api/grants.ts': [
        'const lineage = ancestors(role.name, project.roles);',
        'const lineage = ancestors(role.name, roles);',
        'ancestors(parent, roles, seen)',
        'inheritedWrite(verb, role.name, roles, own);',
        'entries.length === 0 ? undefined : selectGrant(entries)',
      ],
    },
  },
  {
    why: 'Reports a mistake of the author; what it is about is left out of the grant by `writableColumns`.',
    texts: {
      'engine/api/grants.ts': [
        'else if (!isWritable(column)) notWritable(column, at, scope.findings);',
        'if (!isWritable(column))',
      ],
    },
  },
  {
    why: 'Which columns have a GraphQL name, and what the author wrote; who sees a column is said elsewhere.',
    texts: {
      'engine/api/graphql-names.ts': ["'hidden' in one && one.hidden"],
      'engine/api/relationships.ts': ['column.graphql !== null && !column.hidden'],
      'engine/api/tables.ts': ['const hidden = own?.hidden ?? false;'],
      'engine/api/grants.ts': ['select: selectGrant([', 'new Set(visibleColumns(table));'],
    },
  },
  {
    why: 'The columns of a grant, to be held against a relationship: the comparisons have mutants of their own.',
    texts: {
      'engine/api/world.ts': [
        'const readable = readableColumns(grant.select);',
        'const farColumns = readableColumns(far);',
        'const between = readableColumns(junction);',
      ],
    },
  },
  {
    why: 'A scope of policies, checks and whole rows, which are not read through guards.',
    texts: {
      'engine/dialect/postgres/check.ts': ['guards: noGuards, aliases };'],
      'engine/dialect/postgres/condition.ts': [
        'aliases: scope.aliases, guards: noGuards };',
        'alias: inner, guards: noGuards, aliases }',
        'const unguarded: Scope = {',
        'first.push(compileCondition(policy,',
      ],
      'engine/dialect/postgres/write.ts': ['const proposed: Scope = {'],
      'engine/dialect/mysql/check.ts': ['guards: noGuards, aliases };'],
      'engine/dialect/mysql/condition.ts': [
        'aliases: scope.aliases, guards: noGuards };',
        'alias: inner, guards: noGuards, aliases }',
        'const unguarded: Scope = {',
        'compileCondition(policy, { ...own, guards: noGuards, negated: false })',
      ],
      'engine/dialect/mysql/insert.ts': ['guards: new Map(), aliases: new Aliases(capabilities) };'],
      'engine/dialect/mysql/level.ts': ['const unguarded: Scope = { ...source.scope, guards: new Map() };'],
      'engine/dialect/mysql/upsert.ts': ['const existing: Scope = {', 'const proposed: Scope = {'],
    },
  },
  {
    why: 'A part of a condition, whose places in the statement have mutants: left out here it would be no SQL, or one that every test of conditions fails by.',
    texts: {
      'engine/dialect/postgres/condition.ts': [
        'condition.of.map((part) => compileCondition(part, scope)),',
        '(NOT ${compileCondition(condition.of,',
        '.map((part) => compileCondition(part, scope));',
        'raising.map((part) => compileCondition(part, scope));',
        'const condition = compileCondition(where, unguarded);',
        'const policy = compileCondition(where.policy, unguarded);',
        'const policy = compileCondition(where.policy, { alias: inner',
      ],
      'engine/dialect/postgres/write.ts': [
        'const policy = compileCondition(where, scope);',
        'const kept = sql`coalesce(${compileCondition(only, scope)}, false)`;',
        'const where = compileCondition(query.key.where, scope);',
        'const where = compileCondition(returning.where, { ...scope, guards: noGuards });',
        'IN (SELECT ${keysOf(alias)} FROM ${from} WHERE ${compileCondition(where, found)})`;',
      ],
      'engine/dialect/mysql/condition.ts': [
        'condition.of.map((part) => compileCondition(part, scope)),',
        '(NOT ${compileCondition(condition.of,',
        '.map((part) => compileCondition(part, asked)),',
        'const condition = compileCondition(where, unguarded);',
        'const policy = compileCondition(where.policy, { ...unguarded, asked: false });',
        'const policy = compileCondition(where.policy, { alias: inner',
      ],
      'engine/dialect/mysql/answer.ts': ['const where = compileCondition(query.key.where, scope);'],
      'engine/dialect/mysql/reach.ts': [
        'if (!isFenced(where, table)) return compileCondition(where, scope);',
        'IN (SELECT ${keysOf(found)} FROM ${from} WHERE ${compileCondition(where, found)})`;',
      ],
    },
  },
  {
    why: 'Whether a part can raise: which parts can has mutants in raising.ts, and what is done with them has others.',
    texts: {
      'engine/dialect/postgres/condition.ts': [
        'const safe = parts.filter((part) => !canRaise(part));',
        "const isFenced = (routine !== undefined || to.relation.kind === 'view') && raisesByItself(where);",
      ],
      'engine/dialect/mysql/condition.ts': [
        ".filter((part) => !canRaise(part) && part.kind !== 'true')",
        'const raising = parts.filter(canRaise)',
      ],
    },
  },
  {
    why: 'Opens the rows of a table or of a relationship; what those pass, and what stands behind a fence, has mutants where it is written.',
    texts: {
      'engine/dialect/postgres/condition.ts': [
        'return { from: fencedRows(shownBy(where, table, aliases), alias)',
        'const { from } = rowsOf(link.edge.to, where, far.alias, far.aliases);',
        'const on = linked(link, scope, far);',
        'const { from, where } = joinFar(condition, condition.where, scope, far);',
      ],
      'engine/dialect/postgres/level.ts': [
        'const behind = farBehindFence(link.edge, node.where, alias);',
        "...joinFar(link, { kind: 'fenced'",
      ],
      'engine/dialect/postgres/read.ts': [
        'const { from, behind } = rowsOf(node.table, node.where, alias, aliases);',
      ],
      'engine/dialect/postgres/write.ts': [
        'const { from, behind } = rowsOf(table, where, alias, scope.aliases);',
      ],
      'engine/dialect/mysql/condition.ts': [
        'const from = rowsOf(link.edge.to, where, far.alias, far.aliases);',
        'const on = linked(link, scope, far);',
        'const { from, where } = joinFar(condition, condition.where, scope, far);',
      ],
      'engine/dialect/mysql/level.ts': [
        '...joinFar(link, node.where, scope, far), scope: far, correlated: true };',
      ],
      'engine/dialect/mysql/order.ts': ["...joinFar(link, { kind: 'fenced'"],
      'engine/dialect/mysql/read.ts': ['const from = rowsOf(node.table, node.where, alias, aliases);'],
      'engine/dialect/mysql/reach.ts': ['const from = rowsOf(table, where, found.alias, scope.aliases);'],
    },
  },
  {
    why: 'A policy as a text, for `explain` to show: no statement is run with it.',
    texts: {
      'engine/dialect/postgres/dialect.ts': ['return finish(compileCondition(of, {'],
      'engine/dialect/mysql/dialect.ts': ['return finish(compileCondition(of, {'],
    },
  },
  {
    why: 'Rows of a function in the catalog: another function of that name.',
    texts: { 'engine/dialect/postgres/routines.ts': ['return rowsOf('] },
  },
  {
    why: 'Puts a check into a statement; what the check says, and that its result counts, has mutants.',
    texts: {
      'engine/dialect/postgres/check.ts': [
        'coalesce(bool_and(${checkOf(query, scope, scope.alias)}), true)',
        'const check = checkOf(query as Checked, scope, found);',
      ],
      'engine/dialect/mysql/check.ts': [
        'const passes = checkOf(query as Checked, scope, isNewRow(identity, hand));',
      ],
      'engine/dialect/mysql/insert.ts': [
        'isToldByInsert(query, capabilities);',
        "CASE WHEN ${checkOf(query, scope, sql.empty)} THEN 't' ELSE 'f' END",
      ],
      'engine/dialect/mysql/answer.ts': [
        'checks(reading),',
        'isVerified: isVerified(query),',
        'if (!isChecked(query) || isVerified(query)) return false;',
        'isToldByInsert(query, capabilities);',
      ],
      'engine/dialect/mysql/write.ts': [
        '? verify(query, identity ?? requireIdentity(query.table), capabilities)',
      ],
    },
  },
  {
    why: 'What is asked of a row before it is written; that it is asked has a mutant, and what is written is checked again.',
    texts: {
      'engine/dialect/postgres/write.ts': [
        'const passes = sql`(${compileCondition(check, proposed)}) IS TRUE`;',
        'if (value !== undefined) return preset(value);',
      ],
      'engine/dialect/mysql/proposal.ts': [
        'const passes = sql`(${compileCondition(check, proposed)}) IS TRUE`;',
      ],
    },
  },
  {
    why: 'All columns that are not hidden, which `visibleColumns` says itself.',
    texts: { 'engine/api/grants.ts': ["=== '*') return visibleColumns(table);"] },
  },
  {
    why: 'How a preset is stored; that it is stored has mutants.',
    texts: {
      'engine/dialect/mysql/given.ts': ['storedPreset(text, value, column.type),'],
      'engine/dialect/mysql/update.ts': ['value: () => storedPreset(preset, value, column.type) };'],
    },
  },
  {
    why: 'OUT parameters of a procedure, which no grant of a table governs.',
    texts: {
      'engine/dialect/mysql/call.ts': [
        'const scope: Scope = { alias: inner, guards: node.guards, aliases };',
      ],
    },
  },
];
