/** What an answer of GitHub's means for whoever asked: it is done, it will never be, or it may be later. Pure but for the clock. */

export type Outcome<T> =
  | { readonly kind: 'done'; readonly data: T }
  | { readonly kind: 'refused'; readonly status: number; readonly said: string }
  /** `afterMs`: GitHub said when. */
  | { readonly kind: 'again'; readonly status: number | undefined; readonly afterMs: number | undefined }; // biome-ignore format: one case a line

export function again(status: number | undefined, afterMs?: number): Outcome<never> {
  return { kind: 'again', status, afterMs };
}

/** What Octokit throws: without a response when there was none, whatever its `status` says then. */
export interface FailedRequest {
  readonly response?: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string | number | undefined>>;
    readonly data: unknown;
  };
}

export function outcomeOf({ response }: FailedRequest): Outcome<never> {
  if (response === undefined) return again(undefined);
  const { status, headers, data } = response;
  const limited = headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0';
  if (status >= 500 || status === 408 || status === 429 || (status === 403 && limited))
    return again(status, afterMs(headers));
  return { kind: 'refused', status, said: messageOf(data) };
}

function afterMs(headers: Readonly<Record<string, string | number | undefined>>): number | undefined {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  if (headers['x-ratelimit-remaining'] !== '0' || !Number.isFinite(reset)) return undefined;
  return Math.max(1_000, reset * 1_000 - Date.now());
}

function messageOf(data: unknown): string {
  const { message, errors } = (data ?? {}) as { readonly message?: unknown; readonly errors?: unknown };
  const details = Array.isArray(errors) ? errors.map((error) => detailOf(error)).filter(Boolean) : [];
  return [typeof message === 'string' ? message : '', ...details].filter(Boolean).join('; ');
}

function detailOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message } = (error ?? {}) as { readonly message?: unknown };
  return typeof message === 'string' ? message : '';
}
