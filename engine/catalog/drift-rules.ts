/** What can have changed in a database since its lock was written, and what each change does to the lock's API. */

/**
 * `safe`: nobody who uses the locked API can notice. `degrading`: it works, and is slower, looser, or stricter with data.
 * `breaking`: requests of the locked API would fail, or mean something else.
 */
export type DriftClass = 'safe' | 'degrading' | 'breaking';

/** One table for every engine; each name is stable, since approvals and reports hold it. */
export const driftRules = {
  // The server.
  'engine-changed': 'breaking',
  'capability-gone': 'breaking',
  'capability-added': 'safe',
  /** An older major version. */
  'version-older': 'degrading',
  'version-changed': 'safe',
  /** Names without a schema would mean other relations. */
  'default-schema-changed': 'breaking',

  // Relations.
  'relation-gone': 'breaking',
  'relation-added': 'safe',
  /** What a view computes may raise, and rows of partitions have no place of their own: statements are written by the kind. */
  'kind-changed': 'breaking',
  'insert-gone': 'breaking',
  'update-gone': 'breaking',
  'delete-gone': 'breaking',
  /** Other rows are shown than the lock tells of, fewer or more. */
  'row-security-on': 'breaking',
  'row-security-off': 'breaking',
  /** The relation asks who is calling, and the lock's API would not tell it. */
  'asks-session': 'breaking',
  'triggers-added': 'degrading',

  // Columns.
  'column-gone': 'breaking',
  'column-added': 'safe',
  /** Added, not null and filled by nothing: inserts of the locked API fail. */
  'column-required': 'breaking',
  'column-order': 'safe',
  'type-changed': 'breaking',
  /** Every value of before still has its place, and reads as it did. */
  'type-widened': 'degrading',
  'enum-value-gone': 'breaking',
  'enum-value-added': 'degrading',
  'enum-order-changed': 'breaking',
  'nullability-tightened': 'breaking',
  /** Answers may have a null where the API's description has none. */
  'nullability-loosened': 'degrading',
  /** Pages begin behind a key, and rows are found again by it: null is no place. */
  'key-nullable': 'breaking',
  'default-gone': 'breaking',
  'default-changed': 'degrading',
  'default-added': 'safe',
  'column-generated': 'breaking',
  'column-not-generated': 'breaking',
  'identity-always': 'breaking',
  /** Reading it may raise, and so tell of rows that a filter hides. */
  'column-computed': 'breaking',
  /** Other texts are equal than before. */
  'collation-changed': 'breaking',

  // Keys and indexes.
  'primary-key-gone': 'breaking',
  'primary-key-changed': 'breaking',
  'unique-gone': 'breaking',
  'unique-added': 'degrading',
  /** Messages and races of upserts know keys by their names. */
  'key-renamed': 'degrading',
  'foreign-key-gone': 'degrading',
  'foreign-key-changed': 'breaking',
  'foreign-key-added': 'degrading',
  'index-gone': 'degrading',
  'index-added': 'safe',
  /** The column can no longer be searched. */
  'search-index-gone': 'breaking',

  // Functions.
  'function-gone': 'breaking',
  'function-added': 'safe',
  /** Calls may come to fit two. */
  'overload-added': 'degrading',
  'function-arguments-changed': 'breaking',
  'function-result-changed': 'breaking',
  /** It may write, or ask who is calling, where the lock says that it does not. */
  'function-volatility-changed': 'breaking',
  /** It runs with another's rights than the lock says. */
  'function-rights-changed': 'breaking',

  'comment-changed': 'safe',
  /** A fact that the locked API was more careful about than it now need be. */
  'facts-changed': 'safe',
} as const satisfies Readonly<Record<string, DriftClass>>;

export type DriftKind = keyof typeof driftRules;
