/** Keys of all issuers of one project, by address. Outlives revisions: a save while an issuer is down must not lose its keys. */
import { type KeysNews, RemoteKeys, type RemoteKeysOptions } from './keys.ts';

export interface IssuerKeysOptions extends Omit<RemoteKeysOptions, 'onNews'> {
  /** @param issuer the first one that was declared with the address */
  readonly onNews?: (issuer: string, news: KeysNews) => void;
}

export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  readonly #keys = new Map<string, RemoteKeys>();

  constructor(options: IssuerKeysOptions = {}) {
    this.#options = options;
  }

  of(url: string, issuer: string): RemoteKeys {
    const known = this.#keys.get(url);
    if (known !== undefined) return known;
    const { onNews, ...options } = this.#options;
    const made = new RemoteKeys(url, { ...options, onNews: (news) => onNews?.(issuer, news) });
    this.#keys.set(url, made);
    return made;
  }

  /** Forgets what no entry names any more. */
  keepOnly(urls: ReadonlySet<string>): void {
    for (const url of this.#keys.keys()) if (!urls.has(url)) this.#keys.delete(url);
  }
}
