/** The secret of one issuer, as it is at this moment: a file that holds another one counts from the next request on. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { minSecretBytes } from '../../schema/sections/auth.ts';
import { type KeysNews, KeysUnavailable } from './keys.ts';

/** Cheap enough for every request. @returns undefined: it cannot be read */
export type ReadSecret = () => string | undefined;

/** Milliseconds until a file that is being replaced is worth another look. */
const retryMs = 1_000;

export class SecretKey {
  readonly #read: ReadSecret;
  readonly #onNews: (news: KeysNews) => void;
  #text: string | undefined;
  #key: KeyObject | undefined;
  #generation = 0;

  /**
   * @param secret as it was when the revision was built
   * @throws {TypeError} fewer than 32 bytes
   */
  constructor(secret: string, read: ReadSecret | undefined, onNews: (news: KeysNews) => void) {
    this.#read = read ?? (() => secret);
    this.#onNews = onNews;
    this.#text = secret;
    this.#key = keyOf(secret);
    if (this.#key === undefined) throw new TypeError(`A secret of fewer than ${minSecretBytes} bytes.`);
  }

  /** @returns undefined: there is none */
  generation(): number | undefined {
    this.#look();
    return this.#key === undefined ? undefined : this.#generation;
  }

  /** @throws {KeysUnavailable} */
  current(): { readonly key: KeyObject; readonly generation: number } {
    this.#look();
    if (this.#key === undefined) throw new KeysUnavailable('The secret cannot be read.', retryMs);
    return { key: this.#key, generation: this.#generation };
  }

  /** What cannot be read, or is too short to be safe, closes the issuer: the secret of before may have been withdrawn. */
  #look(): void {
    const text = this.#read();
    if (text === this.#text) return;
    this.#text = text;
    this.#key = text === undefined ? undefined : keyOf(text);
    this.#generation += 1;
    this.#onNews({ usable: this.#key !== undefined, message: newsOf(text, this.#key) });
  }
}

function keyOf(text: string): KeyObject | undefined {
  const bytes = Buffer.from(text, 'utf8');
  return bytes.length < minSecretBytes ? undefined : createSecretKey(bytes);
}

function newsOf(text: string | undefined, key: KeyObject | undefined): string {
  if (key !== undefined)
    return 'The issuer has another secret than before; tokens of the old one are refused.';
  const why = text === undefined ? 'cannot be read' : `has fewer than ${minSecretBytes} bytes`;
  return `The secret of the issuer ${why}, so none of its tokens is accepted.`;
}
