/** What REST answers, before it is on its way. */

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: truly empty, without a content type. */
  readonly body: string | undefined;
}

/** OPTIONS: which methods there are. */
export function allowing(methods: readonly string[]): Answer {
  return { status: 200, headers: { allow: methods.join(',') }, body: undefined };
}
