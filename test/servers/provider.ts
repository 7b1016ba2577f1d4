/** One way to have a database server for the tests. */
import type { TestEngine } from './identity.ts';

export type Provided =
  | {
      readonly kind: 'server';
      readonly url: string;
      /** Where it came from, for the report. */
      readonly from: string;
      /** Ends what was started; absent for a server that was there before. */
      readonly stop?: () => Promise<void>;
    }
  /** Why this way does not lead there, for the message when none does. */
  | { readonly kind: 'none'; readonly why: string };

export type Provider = (engine: TestEngine, report: (line: string) => void) => Promise<Provided>;

export function none(why: string): Provided {
  return { kind: 'none', why };
}
