/** What Node 24 has and TypeScript's library does not describe yet: numbers that keep their text. */
interface RawJson {
  readonly rawJSON: string;
}

interface JSON {
  /** A value that `JSON.stringify` writes as `text`, which must be the JSON text of a primitive. */
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}
