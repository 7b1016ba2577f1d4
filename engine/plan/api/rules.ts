/** Every way in which an API can change: how grave it is, and why. A stable id each, since approvals and reports hold it. Data. */
import type { Level } from '../change.ts';

export interface ApiRule {
  readonly level: Level;
  /** What has happened, in words. */
  readonly title: string;
  /** What callers notice of it. */
  readonly why: string;
  /** The surface that it is of, where it is of one alone. */
  readonly only?: 'REST' | 'GraphQL';
  /** The id that oasdiff has for it, where it is not ours too. */
  readonly oasdiff?: string;
  /** What GraphQL Inspector calls it, and how grave it finds it. */
  readonly inspector?: readonly [change: string, criticality: 'breaking' | 'dangerous' | 'non-breaking'];
  /** Somebody has to accept it although it breaks nothing. */
  readonly needsAcceptance?: true;
}

const fieldRemoved = ['FIELD_REMOVED', 'breaking'] as const;
const fieldAdded = ['FIELD_ADDED', 'non-breaking'] as const;
const fieldType = ['FIELD_TYPE_CHANGED', 'breaking'] as const;
const argumentType = ['FIELD_ARGUMENT_TYPE_CHANGED', 'breaking'] as const;
const inputType = ['INPUT_FIELD_TYPE_CHANGED', 'breaking'] as const;
const inputDefault = ['INPUT_FIELD_DEFAULT_VALUE_CHANGED', 'dangerous'] as const;

/** Where our id is one of oasdiff's (`response-…`, `request-…`, `new-…`), it means the same. */
export const apiRules = {
  // Tables.
  'table-removed': {
    level: 'breaking',
    title: 'A table is no longer part of the API',
    why: 'its paths answer 404 and its fields do not exist',
    oasdiff: 'api-path-removed-without-deprecation',
    inspector: ['TYPE_REMOVED', 'breaking'],
  },
  'table-added': {
    level: 'safe',
    title: 'A table is new',
    why: 'nobody has asked for it yet',
    oasdiff: 'endpoint-added',
    inspector: ['TYPE_ADDED', 'non-breaking'],
  },
  'table-renamed': {
    level: 'breaking',
    title: 'A table has another name in URLs, in GraphQL, or in both',
    why: 'the old paths answer 404, and the old fields and types do not exist',
    oasdiff: 'api-path-removed-without-deprecation',
    inspector: ['TYPE_REMOVED', 'breaking'],
  },
  'table-source-changed': {
    level: 'dangerous',
    title: 'A table stands for another relation, or for one of another database',
    why: 'the same requests are answered from other rows',
  },
  'verb-removed': {
    level: 'breaking',
    title: 'The database no longer takes a kind of write of a table',
    why: 'the write is refused, and its GraphQL fields do not exist',
    oasdiff: 'api-removed-without-deprecation',
    inspector: fieldRemoved,
  },
  'verb-added': {
    level: 'safe',
    title: 'The database takes a kind of write of a table that it refused',
    why: 'what was refused works',
    oasdiff: 'endpoint-added',
    inspector: fieldAdded,
  },
  'row-security-changed': {
    level: 'dangerous',
    title: "The database's row security of a table is turned on or off",
    why: 'the same requests may be answered with fewer rows, or with more',
  },

  // Columns, computed fields too.
  'column-removed': {
    level: 'breaking',
    title: 'A column is gone, or is hidden',
    why: 'selecting, filtering, ordering by it and writing it are refused',
    oasdiff: 'response-required-property-removed',
    inspector: fieldRemoved,
  },
  'column-added': {
    level: 'safe',
    title: 'A column is new',
    why: 'a caller that asks for all columns gets one more, and others get what they asked for',
    oasdiff: 'response-required-property-added',
    inspector: fieldAdded,
  },
  'column-renamed': {
    level: 'breaking',
    title: 'A column has another name',
    why: 'the old name is refused wherever it stands',
    oasdiff: 'response-required-property-removed',
    inspector: fieldRemoved,
  },
  'column-source-changed': {
    level: 'dangerous',
    title: 'A name stands for another column of the database',
    why: 'the same requests are answered with other values',
  },
  'column-became-computed': {
    level: 'breaking',
    title: 'A column is a computed field now',
    why: 'it can no longer be written, and "all columns" in REST is without it',
    oasdiff: 'request-optional-property-became-read-only',
    inspector: ['INPUT_FIELD_REMOVED', 'breaking'],
  },
  'column-became-stored': {
    level: 'dangerous',
    title: 'A computed field is a column now',
    why: 'it is read as it was, and holds what is written in it',
    oasdiff: 'request-optional-property-became-not-read-only',
  },
  'response-property-type-changed': {
    level: 'breaking',
    title: 'A column that is read has another type',
    why: 'its values look otherwise in JSON, or compare otherwise',
    inspector: fieldType,
  },
  'response-property-type-generalized': {
    level: 'dangerous',
    title: 'A column that is read may hold values that had no place in it',
    why: 'they may be longer or larger than a caller is made for',
  },
  'response-property-type-specialized': {
    level: 'safe',
    title: 'A column that is read holds fewer values than it might have',
    why: 'each of them is one that callers knew already',
  },
  'request-property-type-changed': {
    level: 'breaking',
    title: 'A column that is written no longer takes every value that it took',
    why: 'writes with the others are refused',
    inspector: inputType,
  },
  'request-property-type-generalized': {
    level: 'safe',
    title: 'A column that is written and not read takes more values',
    why: 'each that was taken is taken still',
  },
  'graphql-type-changed': {
    level: 'breaking',
    title: 'A column has another scalar in GraphQL',
    why: 'operations that declare variables of the old scalar are refused, and generated types are others',
    only: 'GraphQL',
    inspector: fieldType,
  },
  'request-property-enum-value-removed': {
    level: 'breaking',
    title: 'A column has a label less',
    why: 'writes and filters with it are refused',
    inspector: ['ENUM_VALUE_REMOVED', 'breaking'],
  },
  'response-property-enum-value-added': {
    level: 'dangerous',
    title: 'A column that is read has a label more',
    why: 'callers that know the labels meet one that they do not know',
    inspector: ['ENUM_VALUE_ADDED', 'dangerous'],
  },
  'request-property-enum-value-added': {
    level: 'safe',
    title: 'A column that is written and not read has a label more',
    why: 'each that was taken is taken still',
  },
  'enum-values-reordered': {
    level: 'dangerous',
    title: 'A column has its labels in another order',
    why: 'rows are ordered and compared by it in another way',
  },
  'response-property-became-nullable': {
    level: 'dangerous',
    title: 'A column that is read may be null now',
    why: 'callers that rely on a value meet null',
    inspector: fieldType,
  },
  'response-property-became-not-nullable': {
    level: 'safe',
    title: 'A column that is read is never null any more',
    why: 'callers get what they got, less null',
    inspector: ['FIELD_TYPE_CHANGED', 'non-breaking'],
  },
  'request-property-became-nullable': {
    level: 'safe',
    title: 'A column that is written and not read takes null',
    why: 'each value that was taken is taken still',
  },
  'request-property-became-not-nullable': {
    level: 'breaking',
    title: 'A column that is written no longer takes null',
    why: 'writes with null in it are refused',
    inspector: inputType,
  },
  'new-required-request-property': {
    level: 'breaking',
    title: 'A column is new that a new row must have a value in',
    why: 'inserts of today do not give it, and are refused',
    inspector: ['INPUT_FIELD_ADDED', 'breaking'],
  },
  'request-property-became-required': {
    level: 'breaking',
    title: 'A new row must have a value in a column that could be left out',
    why: 'inserts that leave it out are refused',
    inspector: inputType,
  },
  'request-property-became-optional': {
    level: 'safe',
    title: 'A column may be left out of a new row that had to be given',
    why: 'inserts give it today',
    inspector: ['INPUT_FIELD_TYPE_CHANGED', 'non-breaking'],
  },
  'request-property-default-value-added': {
    level: 'dangerous',
    title: 'A column that was null when it was left out has a default',
    why: 'new rows of the same inserts hold something else',
    inspector: inputDefault,
  },
  'request-property-default-value-changed': {
    level: 'dangerous',
    title: 'A column has another default',
    why: 'new rows of the same inserts hold something else',
    inspector: inputDefault,
  },
  'request-property-default-value-removed': {
    level: 'dangerous',
    title: 'A column has no default any more, and may be null',
    why: 'new rows of the same inserts hold null',
    inspector: inputDefault,
  },
  'request-optional-property-became-read-only': {
    level: 'breaking',
    title: 'The database fills a column itself, and takes no value in it',
    why: 'writes that give one are refused',
    inspector: ['INPUT_FIELD_REMOVED', 'breaking'],
  },
  'request-optional-property-became-not-read-only': {
    level: 'safe',
    title: 'A column that only the database filled takes values',
    why: 'nobody gives it one today',
    inspector: ['INPUT_FIELD_ADDED', 'non-breaking'],
  },
  'column-collation-changed': {
    level: 'dangerous',
    title: 'A column has another collation',
    why: 'other texts are equal, and rows are ordered otherwise',
  },
  'personal-tag-removed': {
    level: 'dangerous',
    title: 'A column is no longer tagged as personal',
    why: 'whoever gains it from then on needs no approval',
    needsAcceptance: true,
  },
  'column-search-removed': {
    level: 'breaking',
    title: 'A column has no full-text index any more',
    why: 'searches in it (fts and its kin) are refused',
    only: 'REST',
  },
  'column-search-added': {
    level: 'safe',
    title: 'A column has a full-text index',
    why: 'it can be searched, which was refused',
    only: 'REST',
  },
  'graphql-name-lost': {
    level: 'breaking',
    title: 'Something is left out of GraphQL',
    why: 'its field or type does not exist, because another has its name or it can have no form there',
    only: 'GraphQL',
    inspector: fieldRemoved,
  },
  'graphql-name-gained': {
    level: 'safe',
    title: 'Something that was left out of GraphQL is in it',
    why: 'nobody can have asked for it',
    only: 'GraphQL',
    inspector: fieldAdded,
  },

  // Keys.
  'key-removed': {
    level: 'breaking',
    title: 'A table has no key any more',
    why: 'URLs by key, PUT, and the GraphQL fields "_by_pk" do not exist',
    oasdiff: 'api-path-removed-without-deprecation',
    inspector: fieldRemoved,
  },
  'key-changed': {
    level: 'breaking',
    title: 'The key of a table is made of other columns, or of the same in another order',
    why: 'URLs by key find nothing or another row, and "_by_pk" takes other arguments',
    oasdiff: 'request-parameter-type-changed',
    inspector: ['FIELD_ARGUMENT_REMOVED', 'breaking'],
  },
  'key-added': {
    level: 'safe',
    title: 'A table has a key, and had none',
    why: 'its rows can be asked for by it, which was refused',
    oasdiff: 'endpoint-added',
    inspector: fieldAdded,
  },
  'unique-key-removed': {
    level: 'breaking',
    title: 'Columns are no longer a unique key',
    why: 'upserts that name them (on_conflict) are refused',
    inspector: ['ENUM_VALUE_REMOVED', 'breaking'],
  },
  'unique-key-added': {
    level: 'dangerous',
    title: 'Columns are a unique key',
    why: 'writes that repeat a value are refused',
    inspector: ['ENUM_VALUE_ADDED', 'dangerous'],
  },
  'unique-key-renamed': {
    level: 'breaking',
    title: 'A unique key has another name',
    why: 'upserts that name it as "constraint" are refused; REST names columns',
    only: 'GraphQL',
    inspector: ['ENUM_VALUE_REMOVED', 'breaking'],
  },
  'foreign-key-added': {
    level: 'dangerous',
    title: 'Values of columns must be those of another table',
    why: 'writes of values that lead nowhere are refused',
  },

  // Relationships.
  'relationship-removed': {
    level: 'breaking',
    title: 'A relationship is gone',
    why: 'embedding it, filtering and ordering by it are refused',
    oasdiff: 'response-optional-property-removed',
    inspector: fieldRemoved,
  },
  'relationship-added': {
    level: 'safe',
    title: 'A relationship is new',
    why: 'nobody has asked for it yet',
    oasdiff: 'response-optional-property-added',
    inspector: fieldAdded,
  },
  'relationship-renamed': {
    level: 'breaking',
    title: 'A relationship has another name',
    why: 'the old name is refused; in REST the other ways of naming it (table, column, constraint) remain',
    oasdiff: 'response-optional-property-removed',
    inspector: fieldRemoved,
  },
  'relationship-kind-changed': {
    level: 'breaking',
    title: 'A relationship gives a list where it gave one row, or the other way round',
    why: 'the same requests are answered with another shape',
    oasdiff: 'response-property-type-changed',
    inspector: fieldType,
  },
  'relationship-target-changed': {
    level: 'breaking',
    title: 'A relationship leads to another table',
    why: 'the same requests are answered with other rows, or refused',
    oasdiff: 'response-property-type-changed',
    inspector: fieldType,
  },
  'relationship-columns-changed': {
    level: 'breaking',
    title: 'A relationship leads to the same table along other columns',
    why: 'the same requests are answered with other rows',
  },
  'relationship-ambiguous': {
    level: 'breaking',
    title: 'The name of a table, by which one relationship was embedded, means several or another',
    why: 'such requests are answered 300 (PGRST201), or with other rows',
    only: 'REST',
  },
  'relationship-constraint-renamed': {
    level: 'breaking',
    title: 'The foreign key of a relationship has another name',
    why: 'embeds that choose by it (author!books_author_id_fkey) are refused',
    only: 'REST',
  },

  // Functions.
  'function-removed': {
    level: 'breaking',
    title: 'A function is no longer part of the API',
    why: 'calls answer 404, and its field does not exist',
    oasdiff: 'api-path-removed-without-deprecation',
    inspector: fieldRemoved,
  },
  'function-added': {
    level: 'safe',
    title: 'A function is new',
    why: 'nobody has called it yet',
    oasdiff: 'endpoint-added',
    inspector: fieldAdded,
  },
  'function-renamed': {
    level: 'breaking',
    title: 'A function has another name in URLs, in GraphQL, or in both',
    why: 'calls of the old name answer 404, and the old field does not exist',
    oasdiff: 'api-path-removed-without-deprecation',
    inspector: fieldRemoved,
  },
  'function-source-changed': {
    level: 'dangerous',
    title: 'A name stands for another function of the database',
    why: 'the same calls do something else',
  },
  'function-volatility-changed': {
    level: 'breaking',
    title: 'A function that only read may write, or the other way round',
    why: 'one that may write answers no GET; in GraphQL it moves between queries and mutations',
    oasdiff: 'api-removed-without-deprecation',
    inspector: fieldRemoved,
  },
  'function-rights-changed': {
    level: 'dangerous',
    title: "A function runs with its owner's rights, or no longer does",
    why: 'the same calls may reach more, or be refused by the database',
  },
  'overload-removed': {
    level: 'breaking',
    title: 'A function can no longer be called with some arguments',
    why: 'calls that give them answer 404',
    oasdiff: 'request-parameter-removed',
  },
  'overload-added': {
    level: 'safe',
    title: 'A function can be called with other arguments too',
    why: 'the calls of today mean what they meant',
  },
  'overload-ambiguous': {
    level: 'breaking',
    title: 'A call fits several overloads of a function',
    why: 'it is answered 300 (PGRST203)',
    only: 'REST',
  },
  'request-parameter-removed': {
    level: 'breaking',
    title: 'A function takes an argument less',
    why: 'calls that give it are refused',
    inspector: ['FIELD_ARGUMENT_REMOVED', 'breaking'],
  },
  'argument-renamed': {
    level: 'breaking',
    title: 'An argument of a function has another name',
    why: 'calls give it by its name',
    oasdiff: 'request-parameter-removed',
    inspector: ['FIELD_ARGUMENT_REMOVED', 'breaking'],
  },
  'new-required-request-parameter': {
    level: 'breaking',
    title: 'A function must be given an argument more',
    why: 'calls of today do not give it',
    inspector: ['FIELD_ARGUMENT_ADDED', 'breaking'],
  },
  'new-optional-request-parameter': {
    level: 'dangerous',
    title: 'A function takes an argument more, which may be left out',
    why: 'calls of today leave it out; those that give it may reach what no call did',
    inspector: ['FIELD_ARGUMENT_ADDED', 'dangerous'],
  },
  'request-parameter-became-required': {
    level: 'breaking',
    title: 'A function must be given an argument that could be left out',
    why: 'calls that leave it out are refused',
    inspector: argumentType,
  },
  'request-parameter-became-optional': {
    level: 'safe',
    title: 'An argument of a function may be left out',
    why: 'calls give it today',
    inspector: ['FIELD_ARGUMENT_TYPE_CHANGED', 'non-breaking'],
  },
  'request-parameter-type-changed': {
    level: 'breaking',
    title: 'An argument of a function no longer takes every value that it took',
    why: 'calls with the others are refused, or mean something else',
    inspector: argumentType,
  },
  'request-parameter-type-generalized': {
    level: 'safe',
    title: 'An argument of a function takes more values',
    why: 'each that was taken is taken still',
    inspector: ['FIELD_ARGUMENT_TYPE_CHANGED', 'non-breaking'],
  },
  'graphql-argument-type-changed': {
    level: 'breaking',
    title: 'An argument of a function has another scalar in GraphQL',
    why: 'operations that declare variables of the old scalar are refused',
    only: 'GraphQL',
    inspector: argumentType,
  },
  'request-parameter-enum-value-removed': {
    level: 'breaking',
    title: 'An argument of a function has a label less',
    why: 'calls with it are refused',
    inspector: ['ENUM_VALUE_REMOVED', 'breaking'],
  },
  'request-parameter-enum-value-added': {
    level: 'safe',
    title: 'An argument of a function has a label more',
    why: 'each that was taken is taken still',
  },
  'response-body-type-changed': {
    level: 'breaking',
    title: 'A function gives something else',
    why: 'the same calls are answered with another shape or with other values',
    inspector: fieldType,
  },
  'response-body-type-generalized': {
    level: 'dangerous',
    title: 'A function may give values that it could not give, or gives another scalar of GraphQL',
    why: 'they may be longer or larger than a caller is made for; generated types are others',
  },
  'response-body-type-specialized': {
    level: 'safe',
    title: 'A function gives fewer values than it might have',
    why: 'each of them is one that callers knew already',
  },
  'result-column-removed': {
    level: 'breaking',
    title: 'The rows that a function gives are without a column',
    why: 'selecting it, filtering and ordering by it are refused',
    oasdiff: 'response-required-property-removed',
    inspector: fieldRemoved,
  },
  'result-column-added': {
    level: 'safe',
    title: 'The rows that a function gives have a column more',
    why: 'a caller that asks for all columns gets one more',
    oasdiff: 'response-required-property-added',
    inspector: fieldAdded,
  },

  // Limits.
  'request-limit-lowered': {
    level: 'breaking',
    title: 'A limit is lower',
    why: 'requests between the two are refused; lists and streams end sooner, with no word of it',
    oasdiff: 'request-parameter-max-decreased',
  },
  'request-limit-raised': {
    level: 'safe',
    title: 'A limit is higher',
    why: 'what was refused works, and what was cut goes on',
    oasdiff: 'request-parameter-max-increased',
  },
  'numbers-changed': {
    level: 'breaking',
    title: 'Large numbers are written as strings, or no longer are',
    why: 'bigint and numeric have another type in the JSON of GraphQL and in generated types',
    only: 'GraphQL',
    oasdiff: 'response-property-type-changed',
    inspector: fieldType,
  },
  'unfiltered-writes-refused': {
    level: 'breaking',
    title: 'PATCH and DELETE without a filter are refused',
    why: 'they are answered 400',
    only: 'REST',
  },
  'unfiltered-writes-allowed': {
    level: 'dangerous',
    title: 'PATCH and DELETE without a filter are done',
    why: 'a filter that is forgotten was an error, and reaches every row now',
    only: 'REST',
  },
  'introspection-off': {
    level: 'breaking',
    title: 'A role can no longer read its GraphQL schema',
    why: 'code generators and explorers are refused; operations of applications are not',
    only: 'GraphQL',
  },
  'introspection-on': {
    level: 'dangerous',
    title: 'A role can read its GraphQL schema',
    why: 'that was refused',
    only: 'GraphQL',
  },

  // Operations.
  'operation-removed': {
    level: 'breaking',
    title: 'An operation of the project is gone',
    why: 'calling it by its name or hash is refused',
    only: 'GraphQL',
  },
  'operation-added': {
    level: 'safe',
    title: 'The project has an operation more',
    why: 'nobody has called it yet',
    only: 'GraphQL',
  },
  'operation-changed': {
    level: 'breaking',
    title: 'An operation of the project has another text',
    why: 'its name means something else, and its old hash and text are not known',
    only: 'GraphQL',
  },
  'operation-role-removed': {
    level: 'breaking',
    title: 'A role may no longer run an operation',
    why: 'calling it is refused',
    only: 'GraphQL',
  },
  'operation-role-added': {
    level: 'dangerous',
    title: 'A role may run an operation that it could not',
    why: 'calling it was refused',
    only: 'GraphQL',
  },
  'allow-list-closed': {
    level: 'breaking',
    title: 'A role may run nothing but the operations of the project',
    why: 'every other document is refused',
    only: 'GraphQL',
  },
  'allow-list-opened': {
    level: 'dangerous',
    title: 'A role may run other documents than the operations of the project',
    why: 'they were refused',
    only: 'GraphQL',
  },

  // Callers.
  'role-removed': {
    level: 'breaking',
    title: 'A role is gone, or has another name',
    why: 'tokens with it are answered 403',
    oasdiff: 'api-security-scope-added',
  },
  'role-added': {
    level: 'safe',
    title: 'A role is new',
    why: 'no token has it yet',
  },
  'anonymous-role-removed': {
    level: 'breaking',
    title: 'Callers without a token have no role any more',
    why: 'they are answered 401',
    oasdiff: 'api-global-security-added',
  },
  'anonymous-role-changed': {
    level: 'breaking',
    title: 'Callers without a token have another role',
    why: 'they may do what that role may, and no longer what the other may',
  },
  'anonymous-role-added': {
    level: 'dangerous',
    title: 'Callers without a token have a role',
    why: 'everybody may do what it may; they were answered 401',
    needsAcceptance: true,
  },
  'issuer-removed': {
    level: 'breaking',
    title: 'An issuer of tokens is no longer trusted',
    why: 'its tokens are answered 401',
    oasdiff: 'api-global-security-removed',
  },
  'issuer-added': {
    level: 'dangerous',
    title: 'An issuer of tokens is trusted',
    why: 'whoever it gives tokens to is let in, as the roles that they name',
    oasdiff: 'api-global-security-added',
  },
  'issuer-audience-changed': {
    level: 'breaking',
    title: 'Tokens of an issuer must be for another audience',
    why: 'those of today are answered 401',
  },
  'issuer-keys-changed': {
    level: 'dangerous',
    title: 'The keys of an issuer come from elsewhere',
    why: 'tokens are refused where the keys there are others',
  },
  'issuer-key-kind-changed': {
    level: 'breaking',
    title:
      'Tokens of an issuer are verified by a shared secret where they were by public keys, or the other way round',
    why: 'tokens that are signed as before are answered 401',
    oasdiff: 'api-security-component-type-changed',
  },
  'issuer-role-claim-changed': {
    level: 'breaking',
    title: "A token's role, or the roles that it may choose from, are read from another claim",
    why: 'tokens of today have nothing there',
  },
  'issuer-roles-claim-added': {
    level: 'dangerous',
    title: 'A token may choose among roles of a claim',
    why: 'a header makes the caller another role, where the tokens name several',
  },
  'issuer-default-role-changed': {
    level: 'breaking',
    title: 'Tokens without a role have another one, or are refused',
    why: 'they may do something else than before, or nothing',
  },
  'issuer-default-role-added': {
    level: 'dangerous',
    title: 'Tokens without a role have one',
    why: 'they were answered 403',
  },
  'cors-origin-removed': {
    level: 'breaking',
    title: "An origin's pages may no longer read answers",
    why: 'browsers keep the answers from them; other clients notice nothing',
  },
  'cors-origin-added': {
    level: 'safe',
    title: "An origin's pages may read answers",
    why: 'browsers kept the answers from them; credentials are never sent along',
  },

  // The project.
  'project-renamed': {
    level: 'breaking',
    title: 'The project has another slug',
    why: 'it is the first segment of every URL, unless the server serves it under another name',
    oasdiff: 'api-path-removed-without-deprecation',
  },
  'database-engine-changed': {
    level: 'breaking',
    title: 'A database is of another engine',
    why: 'texts compare, values read and functions exist otherwise, and the rows are in another place',
  },
  'database-moved': {
    level: 'dangerous',
    title: 'A database is embedded and was on a server, or the other way round',
    why: 'the rows are in another place, and are not taken along',
  },
  'database-address-changed': {
    level: 'dangerous',
    title: 'A database, or what stands in for it, has another address',
    why: 'the same requests may be answered from other rows, which the same grants open',
  },
  'search-path-changed': {
    level: 'dangerous',
    title: 'Names without a schema are looked up in other schemas',
    why: 'functions and what they call may read and write other tables',
  },

  // Words.
  deprecated: {
    level: 'safe',
    title: 'The description of something says that it is deprecated',
    why: 'it works as ever',
    oasdiff: 'response-property-deprecated',
    inspector: ['FIELD_DEPRECATION_ADDED', 'non-breaking'],
  },
  'deprecation-withdrawn': {
    level: 'safe',
    title: 'The description of something no longer says that it is deprecated',
    why: 'it works as ever',
    oasdiff: 'response-property-reactivated',
    inspector: ['FIELD_DEPRECATION_REMOVED', 'non-breaking'],
  },
} as const satisfies Readonly<Record<string, ApiRule>>;

export type ApiRuleId = keyof typeof apiRules;

/** As what it is told with. Pure. */
export function apiRule(id: ApiRuleId): ApiRule {
  return apiRules[id];
}
