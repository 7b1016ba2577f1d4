/** Claims as a variable of the session: `@novastack_claims`, a JSON object. It is gone when the transaction has ended. */
import type { Parameter, Statement } from '../dialect.ts';

const statement: Statement = { text: 'SET @novastack_claims = ?', name: 'novastack_claims' };

/** A variable outlives its transaction, so the pool runs this before somebody else's statement. */
export const endClaims = 'SET @novastack_claims = NULL';

export function claims(settings: ReadonlyMap<string, string>): {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
} {
  return { statement, parameters: [JSON.stringify(Object.fromEntries(settings))] };
}

export function isClaims(other: Statement): boolean {
  return other.text === statement.text;
}
