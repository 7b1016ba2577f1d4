/** Claims as a variable of the session: `@novastack_claims`, a JSON object. */
import type { Parameter, Statement } from '../dialect.ts';

const statement: Statement = { text: 'SET @novastack_claims = ?', name: 'novastack_claims' };

export function claims(settings: ReadonlyMap<string, string>): {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
} {
  return { statement, parameters: [JSON.stringify(Object.fromEntries(settings))] };
}
