/** Mutants of what callers are shown: REST, GraphQL, sockets, descriptions and types. */
import { type Mutant, mutantsIn } from './mutant.ts';

const connections = 'engine/graphql/connection.test.ts';
const documents = 'engine/openapi/document.test.ts';
const graphqlRules = 'engine/graphql/rules.test.ts';
const modelTables = 'engine/graphql/model.test.ts';
const mutations = 'engine/graphql/mutations.test.ts';
const persisted = 'engine/graphql/persisted.test.ts';
const restFunctions = 'engine/rest/functions.test.ts';
const restHostile = 'engine/rest/hostile.test.ts';
const restPages = 'engine/rest/pages.test.ts';
const restPermissions = 'engine/rest/permissions.test.ts';
const restWrites = 'engine/rest/writes.test.ts';
const subscriptions = 'test/subscriptions.test.ts';
const swagger = 'engine/openapi/swagger.test.ts';
const typescript = 'engine/typings/typescript.test.ts';

export const restMutants: readonly Mutant[] = mutantsIn('engine/rest', [
  ['a table by the name that the role knows', 'A table that the role does not see is not found by its name.', 'profile.ts', '  const table = world.rest(name, profile);\n', '  const table = world.rest(name, profile) ?? [...api.roles.keys()].map((role) => api.world(role).rest(name, profile)).find((one) => one !== undefined);\n', restPermissions],
  ['a function by the name that the role knows', 'A function that the role may not execute is not found by its name.', 'profile.ts', '  const callable = world.rpc(name, profile);\n', '  const callable = world.rpc(name, profile) ?? [...api.roles.keys()].map((role) => api.world(role).rpc(name, profile)).find((one) => one !== undefined);\n', restFunctions],
  ['a profile that the role knows', 'A schema of which the role sees nothing is not there.', 'profile.ts', '  for (const { table } of world.tables.values()) visible.add(table.profile);\n', '  for (const { profile: one } of api.tables.values()) visible.add(one);\n', restPermissions],
  ['a dry run is for roles that may', 'A write that is meant to be tried is not done by who may not try.', 'answer.ts', 'if (!api.limits.dryRun.has(principal.role))', 'if (api.limits.dryRun.size === 0 && !api.limits.dryRun.has(principal.role))', restWrites],
  ['what may be written is asked before the body is read', 'No body is read of who may not write.', 'answer.ts', '    plan(write, api, principal);\n', '    void write;\n', restHostile],
  ['a key of which the role knows all columns', 'A key that the role does not know whole is none.', 'parse/key.ts', 'return table.key.every((column) => known.get(column.name) === column) ? table.key : [];', 'void known;\n  return table.key;', restHostile],
  ['a cursor is bound to its role', 'No cursor of one role pages for another.', 'parse/request.ts', 'return JSON.stringify([role, call.table.table.name,', 'void role;\n  return JSON.stringify([call.table.table.name,', restPages],
  ['a cursor is bound to its table', 'No cursor of one table pages through another.', 'parse/request.ts', 'return JSON.stringify([role, call.table.table.name,', 'return JSON.stringify([role,', restPages],
]);

export const graphqlMutants: readonly Mutant[] = mutantsIn('engine/graphql', [
  ['the schema of a role', 'A document is held against what its role sees.', 'planner.ts', "const role = roleModel(`${this.#number}:${name}`, model);", "const role = roleModel(`${this.#number}:`, model);", graphqlRules],
  ['plans of a role', 'A plan that was made for one role serves no other.', 'planner.ts', "return `${key.length} ${key}${operation", "return `${operation", graphqlRules],
  ['operations of an allow-list', 'A role that may run some operations runs no other.', 'worker.ts', '    ...(allows === undefined ? null : { allows }),\n', '', persisted],
  ['introspection beside an allow-list', 'A role with an allow-list introspects only where it may.', 'worker.ts', 'list.has(...sent) || (introspection && isIntrospection(...sent)));', 'list.has(...sent) || (introspection || isIntrospection(...sent)));', persisted],
  ['a document outside the allow-list is refused', 'A role that may run some operations runs no other.', 'validate.ts', 'if (options.allows?.(document, operation) === false)', 'if (options.allows?.(document, operation) === undefined && options.allows !== undefined)', persisted],
  ['introspection is for roles that may', 'A role without introspection reads no schema.', 'validate.ts', 'const rules = options.introspection ? ownRules : [NoIntrospectionRule, ...ownRules];', 'const rules = ownRules;', graphqlRules],
  ['suggestions are for roles that may introspect', 'A role without introspection is told no name.', 'validate.ts', 'const near = hideSuggestions ? undefined : nearest(name, among);', 'void hideSuggestions;\n  const near = nearest(name, among);', graphqlRules],
  ['suggestions of the library are for roles that may introspect', 'A role without introspection is told no name.', 'validate.ts', '    hideSuggestions: !options.introspection,\n', '', graphqlRules],
  ['the SDL is for roles that may introspect', 'A role without introspection reads no schema.', 'plugin.ts', 'if (!role.model.introspection)', "if (!role.model.introspection && role.key === '')", graphqlRules],
  ['introspection as the role was given it', 'A role without introspection reads no schema.', 'model.ts', 'introspection: api.roles.get(role)?.introspection ?? true,', 'introspection: true,', graphqlRules],
  ['an operation by its name is for its roles', 'A role runs no operation that is not for it.', 'persisted.ts', 'if (operation === undefined || !operation.roles.has(role))', 'if (operation === undefined)', persisted],
  ['an operation by its hash is for its roles', 'A role runs no operation that is not for it.', 'persisted.ts', 'if (operation?.roles.has(role) === true)', 'if (operation !== undefined)', persisted],
  ['the allow-list has the role’s operations', 'A role’s allow-list has no operation that is not for it.', 'persisted.ts', '.filter(({ roles }) => roles.has(role))', '.filter(({ roles }) => roles.size > 0)', persisted],
  ['what one role had remembered is not there for another', 'No hash tells what another role has sent.', 'persisted.ts', 'const known = this.#remembered.get(role);', 'const known = this.#remembered.get(role) ?? [...this.#remembered.values()][0];', persisted],
  ['a text has its own hash', 'No hash names another text than its own.', 'persisted.ts', "if (query !== undefined && createHash('sha256').update(query).digest('hex') !== hash)", "if (query !== undefined && hash === '')", persisted],
  ['an operation is allowed whole', 'An operation of another shape is not one of the allow-list.', 'allowed.ts', 'return heads[0] === heads[1] && areSame(', 'return heads.length === 2 && areSame(', persisted],
  ['an operation is allowed with nothing beside it', 'A document with another operation is not one of the allow-list.', 'allowed.ts', 'if (own === undefined || document.definitions.length !== 1 + own.fragments.size) return false;', 'if (own === undefined) return false;', persisted],
  ['fields of an allowed operation are its own', 'An operation with other fields is not one of the allow-list.', 'allowed.ts', 'return next === left.selections.length;', 'return next <= left.selections.length;', persisted],
  ['further fields are none of an allowed operation', 'An operation with further fields is not one of the allow-list.', 'allowed.ts', 'else if (isRoot || !isPlainTypename(node)) return false;', "else if (isRoot && node.kind !== 'Field') return false;", persisted],
  ['arguments of an allowed operation are its own', 'An operation with other arguments is not one of the allow-list.', 'allowed.ts', '        texts(left.arguments) === texts(right.arguments) &&\n', '', persisted],
  ['a table is read by who reads a column of it', "A role without `select` has no type of a table.", 'model.ts', 'const columns = select === undefined ? [] : named(source.columns.values());', 'const columns = named((select === undefined ? table : source).columns.values());', graphqlRules],
  ['columns that are inserted are granted', 'An input has no column that the role may not give.', 'model.ts', 'columns.has(column) && isWritable(column));', 'columns.size >= 0 && !column.hidden && isWritable(column));', graphqlRules],
  ['deletes are granted', "A role without `delete` has no mutation that deletes.", 'model.ts', 'delete: source.delete !== undefined && table.relation.deletable,', 'delete: table.relation.deletable,', graphqlRules],
  ['aggregates are granted', "A role without `aggregate` has no field that aggregates.", 'model.ts', 'aggregate: select?.aggregate === true,', 'aggregate: select !== undefined,', graphqlRules],
  ['a key that is hidden in some rows pages nothing', 'No cursor holds a cell that the role may not read.', 'model.ts', 'connection: keyColumns.length > 0 && !keyColumns.some((column) => select?.guards.has(column)),', 'connection: keyColumns.length > 0,', connections],
  ['a cell that is hidden in some rows may be null', 'No error tells of a cell that the role may not read.', 'model.ts', 'nullable: column.nullable || guarded,', 'nullable: column.nullable,', graphqlRules],
  ['a relationship leads to a table that is read', 'A role has no field of a relationship whose table it does not read.', 'model.ts', '(edge) => edge.graphql !== null && types.has(edge.to.graphql) && isReadable(edge, world),', '(edge) => edge.graphql !== null && types.has(edge.to.graphql),', modelTables],
  ['keys to conflict on are known', 'No enum names a key whose columns the role does not know.', 'writable.ts', 'if (columns.every((column) => column !== undefined && known.get(column.name) === column))', 'if (columns.every((column) => column !== undefined))', mutations],
  ['what operators change is read in every row', 'No operator is there for a cell that the role may not read.', 'writable.ts', '(column) => columns.get(column.name) === column && select?.guards.has(column) === false,', '(column) => columns.get(column.name) === column,', mutations],
  ['rows are nested into tables that take them', 'No object is nested that the role may not insert.', 'writable.ts', 'far?.insert === undefined) return undefined;', 'far === undefined) return undefined;', mutations],
  ['nested rows are filled by what the role may read', 'No object is nested whose columns the engine may not fill.', 'writable.ts', '!set.has(to)) && mayFill(pairs, source, target);', '!set.has(to));', mutations],
  ['a stream’s cursor is bound to its question', 'A cursor of one question pages through no other.', 'connection.ts', "const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));", "const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'), (key, value) => (key === '0' ? binding : value));", connections],
]);

export const liveMutants: readonly Mutant[] = mutantsIn('engine/graphql/live', [
  ['a caller is asked for anew by each revision', 'A revision that knows a caller no more serves none of its sockets.', 'session.ts', 'return serving === this.#home.serving && surface.authenticator.stands(principal);', 'return surface.authenticator.stands(principal) && serving !== undefined;', subscriptions],
  ['a socket ends with its token', 'Who has an expired token is told nothing more.', 'session.ts', '        this.#expireAt(principal.expiresAt);\n', '', subscriptions],
  ['a document is planned for the revision that serves', 'A subscription is told what the revision that serves lets it see.', 'operation.ts', 'if (!this.#session.isCurrent(surface)) return false;', 'if (this.#ended) return false;', subscriptions],
  ['a subscription moves to the next revision', 'A subscription is told what the revision that serves lets it see.', 'operation.ts', '    this.#let();\n    await this.#start();\n  }\n\n  tell', '    await Promise.resolve();\n  }\n\n  tell', subscriptions],
  ['live queries of a revision end with it', 'A revision that is no more tells nobody anything.', 'live-queries.ts', '    this.#ended.abort();\n', '', subscriptions],
  ['a variant has callers of the same values', 'Who asks with other values is told other rows.', 'cohort.ts', 'const variant = this.#place(member, parameters, JSON.stringify(parameters));', "const variant = this.#place(member, parameters, '');", subscriptions],
]);

export const openapiMutants: readonly Mutant[] = mutantsIn('engine/openapi', [
  ['the description of a role', 'A role’s description has what the role sees.', 'document.ts', '  if (api.roles.has(role)) known.set(role, document);', '  for (const one of api.roles.keys()) known.set(one, document);', documents],
  ['rows of a function are described to who reads them', 'A description names no table that the role does not read.', 'call-bodies.ts', 'return world.tables.get(table.name)?.select !== undefined;', "return table.name !== '' && world.role !== '';", documents],
  ['a body has what the role may give', 'A description has no column of a body that the role may not give.', 'schemas.ts', '[...table.columns.values()].filter((column) => insert?.columns.has(column));', '[...table.columns.values()].filter(() => insert !== undefined);', documents],
  ['a body has what the role may change', 'A description has no column of a body that the role may not change.', 'schemas.ts', '[...table.columns.values()].filter((column) => update?.columns.has(column)),', '[...table.columns.values()].filter(() => update !== undefined),', documents],
  ['columns of a definition are known', 'PostgREST’s description has no column that the role does not know.', 'swagger-definitions.ts', '  const columns = [...known.values()];\n', '  const columns = [...(known.size < 0 ? known : table.columns).values()];\n', swagger],
  ['types of relations that the role does not see', 'PostgREST’s description names no type of a table that the role does not see.', 'swagger.ts', "if (family !== 'composite' || known.has(key)) return false;", "if (family !== 'composite' || known.size >= 0) return false;", swagger],
]);

export const typingsMutants: readonly Mutant[] = mutantsIn('engine/typings', [
  ['types of a role have its world', 'A role’s types have what the role sees.', 'scope.ts', 'const world = role === undefined ? undefined : api.world(role);', 'const world = role === undefined || api.roles.has(role) ? undefined : api.world(role);', typescript],
]);
