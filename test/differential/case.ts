/** A case is data: one request, and what is known of its answers before anybody is asked. */

export interface Case {
  /** Method and path below the API's root, readable: what a URL cannot hold is encoded when it is sent. */
  readonly request: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; its content type stands in `headers`, JSON by default. */
  readonly body?: string | Buffer;
  /** Why message, details and hint of an error are our own here; the code is PostgREST's in any case. */
  readonly words?: WordsReason;
  /** The situation of a row of docs/differences.md: the answers must then differ. */
  readonly difference?: string;
  /** Where there is a difference: what NovaStack answers. */
  readonly ours?: Expected;
}

/** What an answer must be; what is absent may be anything. */
export interface Expected {
  readonly status: number;
  readonly code?: string;
  /** The text; JSON is compared by value. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export type WordsReason = keyof typeof wordsReasons;

/** Every reason why an error may have words of our own. */
export const wordsReasons = {
  database: 'The text of an error of the database can quote rows that the caller may not read.',
  parser: "PostgREST's parser tells what it expected letter by letter; ours says what to write instead.",
  body: "PostgREST's JSON reader has other words in each version.",
  newer: 'PostgREST 14 says it otherwise than 12.',
  names: 'Our sentence names what the role sees, or what to send instead.',
} as const;

export interface Group {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** Cases that are nothing but a path to read, each with the same headers. */
export function reads(paths: readonly string[], headers?: Case['headers']): Case[] {
  return paths.map((path) => ({ request: `GET ${path}`, ...(headers && { headers }) }));
}
