/** Claims as settings of the transaction: `current_setting('request.jwt.claims', true)`. */
import type { Parameter, Statement } from '../dialect.ts';

/** One statement whatever the names, which are parameters too. */
const statement: Statement = {
  text: 'SELECT count(set_config(name, value, true)) FROM unnest($1::text[], $2::text[]) AS settings(name, value)',
  name: 'novastack_claims',
};

export function claims(settings: ReadonlyMap<string, string>): {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
} {
  return { statement, parameters: [[...settings.keys()], [...settings.values()]] };
}
