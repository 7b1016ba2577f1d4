/** A role's model → a graphql-js schema: whole, or one that makes only the types a document names. Worker thread only. */
import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  GraphQLFloat,
  GraphQLID,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInt,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLType,
  type ValueNode,
} from 'graphql';
import type { Accepts } from '../api/graphql-scalars.ts';
import { aggregateOutputs, type FieldSpec, type TypeSpec } from './aggregates.ts';
import { DerivedSpecs } from './derived-specs.ts';
import { columnType, type InputType, InputTypes } from './inputs.ts';
import type { Model, ModelTable } from './model.ts';
import {
  type ArgumentSpec,
  connectionArguments,
  listArguments,
  mutationRoots,
  queryRoots,
  type Root,
  subscriptionRoots,
} from './roots.ts';
import { expected } from './scalars.ts';

type Fields = Record<string, GraphQLFieldConfig<unknown, unknown>>;

const builtin: ReadonlyMap<string, GraphQLScalarType> = new Map(
  [GraphQLInt, GraphQLFloat, GraphQLString, GraphQLBoolean, GraphQLID].map((type) => [type.name, type]),
);

/** The types of one role's schema, each made when first asked for; their fields later still, when first looked at. */
export class SchemaTypes {
  readonly inputs: InputTypes;
  readonly queries: ReadonlyMap<string, Root>;
  readonly mutations: ReadonlyMap<string, Root>;
  readonly subscriptions: ReadonlyMap<string, Root>;
  readonly tables: ReadonlyMap<string, ModelTable>;
  readonly #model: Model;
  readonly #makers = new Map<string, () => GraphQLNamedType>();
  readonly #aggregates: DerivedSpecs<TypeSpec>;
  readonly #made = new Map<string, GraphQLNamedType>();

  constructor(model: Model) {
    this.#model = model;
    this.inputs = new InputTypes(model);
    this.queries = queryRoots(model);
    this.mutations = mutationRoots(model);
    this.subscriptions = subscriptionRoots(model);
    this.tables = new Map(model.tables.map((table) => [table.graphql, table]));
    this.#aggregates = new DerivedSpecs(this.tables, aggregateOutputs);
    for (const table of model.tables) this.#addTable(table);
    if (model.pageInfo !== undefined) this.#addPageInfo(model.pageInfo);
  }

  get(name: string): GraphQLNamedType | undefined {
    const known = builtin.get(name) ?? this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#makers.get(name)?.() ?? this.#aggregate(name) ?? this.#inputNamed(name);
    if (made !== undefined) this.#made.set(name, made);
    return made;
  }

  /** @param names only these fields; undefined: all */
  queryRoot(names?: Iterable<string>): GraphQLObjectType {
    return this.#object('query_root', null, () =>
      this.queries.size === 0 ? this.#noQueries() : this.#rootFields(this.queries, names),
    );
  }

  /** Undefined when the role may write nothing. */
  mutationRoot(names?: Iterable<string>): GraphQLObjectType | undefined {
    if (this.mutations.size === 0) return undefined;
    return this.#object('mutation_root', 'mutation root', () => this.#rootFields(this.mutations, names));
  }

  /** Undefined when the role may read nothing. */
  subscriptionRoot(names?: Iterable<string>): GraphQLObjectType | undefined {
    if (this.subscriptions.size === 0) return undefined;
    return this.#object('subscription_root', null, () => this.#rootFields(this.subscriptions, names));
  }

  /** Names of a type's fields, for suggestions. */
  fieldNames(type: string): Iterable<string> {
    if (type === 'query_root') return this.queries.keys();
    if (type === 'mutation_root') return this.mutations.keys();
    if (type === 'subscription_root') return this.subscriptions.keys();
    const made = this.get(type);
    return made instanceof GraphQLObjectType ? Object.keys(made.getFields()) : [];
  }

  /** For suggestions. */
  *namesLike(name: string): Iterable<string> {
    yield* this.#makers.keys();
    yield* this.#aggregates.namesLike(name);
    yield* this.inputs.namesLike(name);
  }

  #aggregate(name: string): GraphQLNamedType | undefined {
    const spec = this.#aggregates.get(name);
    return spec && this.#object(name, spec.description, () => this.#fieldsFrom(spec.fields));
  }

  #inputNamed(name: string): GraphQLNamedType | undefined {
    const input = this.inputs.get(name);
    return input && this.#input(input);
  }

  /** How many types have been made: the measure of what is held in memory. */
  get size(): number {
    return this.#made.size;
  }

  #addTable(table: ModelTable): void {
    const { graphql, types } = table;
    if (table.read) {
      const description = table.description ?? `columns and relationships of "${graphql}"`;
      this.#makers.set(graphql, () => this.#object(graphql, description, () => this.#tableFields(table)));
    }
    if (types.aggregate !== undefined) {
      const { aggregate, aggregateFields } = types;
      this.#makers.set(aggregate, () =>
        this.#object(aggregate, `aggregated selection of "${graphql}"`, () => ({
          aggregate: { type: this.#output(aggregateFields!) },
          nodes: { type: this.#output(`[${graphql}!]!`) },
        })),
      );
    }
    if (types.connection !== undefined) {
      const { connection, edge } = types;
      this.#makers.set(connection, () =>
        this.#object(connection, `a page of rows of "${graphql}"`, () => ({
          edges: { type: this.#output(`[${edge}!]!`) },
          pageInfo: { type: this.#output(`${this.#model.pageInfo}!`) },
          totalCount: { type: this.#output('Int!'), description: 'number of rows on all pages' },
        })),
      );
      this.#makers.set(edge!, () =>
        this.#object(edge!, `a row of "${graphql}" and its place`, () => ({
          cursor: { type: this.#output('String!') },
          node: { type: this.#output(`${graphql}!`) },
        })),
      );
    }
    if (types.response !== undefined) {
      const { response } = types;
      this.#makers.set(response, () =>
        this.#object(response, `response of any mutation on the table "${graphql}"`, () => ({
          affected_rows: {
            type: this.#output('Int!'),
            description: 'number of rows affected by the mutation',
          },
          ...(table.read
            ? {
                returning: {
                  type: this.#output(`[${graphql}!]!`),
                  description: 'data from the rows affected by the mutation',
                },
              }
            : {}),
        })),
      );
    }
  }

  #addPageInfo(name: string): void {
    this.#makers.set(name, () =>
      this.#object(name, 'what a page is among the others', () => ({
        endCursor: { type: this.#output('String') },
        hasNextPage: { type: this.#output('Boolean!') },
        hasPreviousPage: { type: this.#output('Boolean!') },
        startCursor: { type: this.#output('String') },
      })),
    );
  }

  #object(name: string, description: string | null, fields: () => Fields): GraphQLObjectType {
    return new GraphQLObjectType({ name, description, fields });
  }

  #fieldsFrom(specs: readonly FieldSpec[]): Fields {
    const fields: Fields = Object.create(null);
    for (const { name, type, arguments: args = [], description } of specs)
      fields[name] = { type: this.#output(type), args: this.#arguments(args), description };
    return fields;
  }

  #noQueries(): Fields {
    const description = 'There are no queries available to the current role.';
    return { no_queries_available: { type: this.#output('String!'), description } };
  }

  #rootFields(roots: ReadonlyMap<string, Root>, names: Iterable<string> = roots.keys()): Fields {
    const fields: Fields = Object.create(null);
    for (const name of names) {
      const root = roots.get(name);
      if (root === undefined) continue;
      const { type, arguments: args, description } = root;
      fields[name] = { type: this.#output(type), args: this.#arguments(args), description };
    }
    return fields;
  }

  #tableFields(table: ModelTable): Fields {
    const fields: Fields = Object.create(null);
    for (const column of table.columns)
      fields[column.graphql] = {
        // As Hasura has it: what a path leads to may be null all the same.
        type: this.#output(columnType(column) + (column.nullable ? '' : '!')),
        description: column.description,
        ...(column.json && !column.list ? { args: this.#arguments([['path', 'String']]) } : null),
      };
    for (const edge of table.edges) {
      const far = this.tables.get(edge.to)!;
      if (edge.kind === 'one') {
        const type = this.#output(edge.to + (edge.nullable ? '' : '!'));
        fields[edge.graphql] = { type, description: edge.description ?? 'An object relationship' };
        continue;
      }
      const args = this.#arguments(listArguments(far));
      const description = edge.description ?? 'An array relationship';
      fields[edge.graphql] = { type: this.#output(`[${edge.to}!]!`), args, description };
      if (edge.aggregate !== undefined) {
        const type = this.#output(`${far.types.aggregate}!`);
        fields[edge.aggregate] = { type, args, description: 'An aggregate relationship' };
      }
      if (edge.connection !== undefined) {
        const type = this.#output(`${far.types.connection}!`);
        const pages = this.#arguments(connectionArguments(far));
        fields[edge.connection] = { type, args: pages, description: 'An array relationship, page by page' };
      }
    }
    return fields;
  }

  #arguments(specs: readonly ArgumentSpec[]): Record<string, { type: GraphQLInputType }> {
    const args: Record<string, { type: GraphQLInputType }> = Object.create(null);
    for (const [name, type] of specs) args[name] = { type: this.#reference(type) as GraphQLInputType };
    return args;
  }

  #output(type: string): GraphQLOutputType {
    return this.#reference(type) as GraphQLOutputType;
  }

  #reference(text: string): GraphQLType {
    if (text.endsWith('!')) {
      const nullable = this.#reference(text.slice(0, -1));
      return new GraphQLNonNull(nullable as ConstructorParameters<typeof GraphQLNonNull>[0]);
    }
    if (text.startsWith('[')) return new GraphQLList(this.#reference(text.slice(1, -1)));
    return this.get(text)!;
  }

  #input(input: InputType): GraphQLNamedType {
    switch (input.kind) {
      case 'scalar':
        return builtin.get(input.name) ?? scalarType(input.name, input.accepts);
      case 'enum': {
        const values = Object.create(null);
        for (const [name, description] of input.values) {
          // Words that GraphQL keeps for itself can be no enum's value: such a column is not to be named in a list of columns.
          if (!['true', 'false', 'null'].includes(name)) values[name] = { description };
        }
        return new GraphQLEnumType({ name: input.name, description: input.description, values });
      }
      case 'object':
        return new GraphQLInputObjectType({
          name: input.name,
          description: input.description,
          fields: () => {
            const fields = Object.create(null);
            for (const [name, { type, description, empty }] of input.fields)
              fields[name] = {
                type: this.#reference(type),
                description,
                ...(empty === true ? { defaultValue: [] } : null),
              };
            return fields;
          },
        });
      default:
        return input satisfies never;
    }
  }
}

/**
 * For the validation of one document: it has the root fields that the document names, and the library asks it for types
 * by name, whose fields are made only where the document leads.
 */
export class LazySchema extends GraphQLSchema {
  readonly types: SchemaTypes;

  constructor(types: SchemaTypes, rootFields: ReadonlySet<string>) {
    super({ assumeValid: true });
    this.types = types;
    const query = types.queryRoot(rootFields);
    const mutation = types.mutationRoot(rootFields);
    this.getQueryType = () => query;
    const subscription = types.subscriptionRoot(rootFields);
    this.getMutationType = () => mutation;
    this.getSubscriptionType = () => subscription;
  }

  override getType(name: string): GraphQLNamedType | undefined {
    if (name === 'query_root') return this.getQueryType() ?? undefined;
    if (name === 'mutation_root') return this.getMutationType() ?? undefined;
    if (name === 'subscription_root') return this.getSubscriptionType() ?? undefined;
    return super.getType(name) ?? this.types.get(name);
  }

  /** graphql-js's own reads private fields. */
  override getRootType(operation: 'query' | 'mutation' | 'subscription'): GraphQLObjectType | undefined {
    return this.getType(`${operation}_root`) as GraphQLObjectType | undefined;
  }
}

/** Every type and field at once: for introspection and SDL. Seconds for a thousand tables. */
export function buildWholeSchema(model: Model): GraphQLSchema {
  const types = new SchemaTypes(model);
  return new GraphQLSchema({
    query: types.queryRoot(),
    mutation: types.mutationRoot(),
    subscription: types.subscriptionRoot(),
    assumeValid: true,
  });
}

function scalarType(name: string, accepts: Accepts): GraphQLScalarType {
  return new GraphQLScalarType({
    name,
    // Values of variables are read on the serving thread; graphql-js takes either both of these or none.
    parseValue: (value) => value,
    parseLiteral: (node) => checkLiteral(node, name, accepts),
  });
}

/** Validation only asks whether a literal may stand here; plans take its text from the document. */
function checkLiteral(node: ValueNode, name: string, accepts: Accepts): null {
  const isNumber = node.kind === 'IntValue' || node.kind === 'FloatValue';
  const isText = node.kind === 'StringValue';
  const fits =
    accepts === 'json' ||
    (accepts === 'boolean' && node.kind === 'BooleanValue') ||
    (isText && accepts !== 'boolean') ||
    (isNumber && (accepts === 'exactNumber' || accepts === 'textOrNumber'));
  if (!fits) throw new TypeError(`expected ${expected(accepts)} for type '${name}'`);
  return null;
}
