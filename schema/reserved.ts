/** Names of schemas that no project may expose. */

const ours: ReadonlySet<string> = new Set(['novastack', 'auth', 'storage', 'realtime']);

/** What NovaStack keeps for itself. */
export function ownSchema(name: string): boolean {
  return ours.has(name);
}

/** Ours, and those in which a database describes itself. */
export function reservedSchema(name: string): boolean {
  return ownSchema(name) || name === 'information_schema' || name.startsWith('pg_');
}
