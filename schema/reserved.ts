/** Names of schemas that no project may expose. */

const ours: ReadonlySet<string> = new Set(['novastack', 'auth', 'storage', 'realtime']);

/** Ours, and those in which a database describes itself. */
export function reservedSchema(name: string): boolean {
  return ours.has(name) || name === 'information_schema' || /^pg_/.test(name);
}
