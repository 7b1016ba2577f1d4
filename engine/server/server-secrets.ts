/** The references of `server.yaml` → the configuration with what they stand for. No message ever shows a value. */
import { hasErrors, type Staged } from '../../schema/diagnostic.ts';
import { schemeOf } from '../../schema/reference.ts';
import { minSecretBytes } from '../../schema/sections/auth.ts';
import { schemes } from '../../schema/sections/databases.ts';
import { redisSchemes } from '../../schema/server/engine-secret.ts';
import { minTokenCharacters } from '../../schema/server/operators.ts';
import { type PlacedSecret, replaceSecretTexts, type SecretUse } from '../../schema/server/secret-texts.ts';
import type { StagedServer } from '../../schema/server.ts';
import type { ServerConfig } from '../../schema/server-config.ts';
import { Resolver, type ResolverOptions } from '../revision/resolver.ts';

const minWebhookCharacters = 16;

/**
 * Reads variables and files, once; never throws for what it finds there.
 *
 * @param config as `parseServerConfig` made it
 * @param locate of the same file
 * @returns the configuration with values in place of references; absent when one is missing or cannot be used
 */
export function resolveServerSecrets(
  config: ServerConfig,
  locate: StagedServer['locate'],
  options: Pick<ResolverOptions, 'env'> = {},
): Staged<ServerConfig> {
  const resolver = new Resolver(locate, options);
  const value = replaceSecretTexts(config, (placed) => {
    const text = resolver.resolve(placed.text, placed.path, 'error');
    if (text === undefined) return '';
    const wrong = wrongValue(placed.use, text);
    if (wrong !== undefined) resolver.report(wrong.code, 'error', placed.path, wrong);
    return normal(placed.use, text);
  });
  findTwins(value, resolver);
  const { diagnostics } = resolver;
  return hasErrors(diagnostics) ? { diagnostics } : { value, diagnostics };
}

interface Wrong {
  readonly code: 'SHORT_SECRET' | 'WRONG_VALUE';
  readonly message: string;
  readonly hint: string;
}

function wrongValue(use: SecretUse, text: string): Wrong | undefined {
  switch (use) {
    case 'engine-secret': {
      const bytes = Buffer.byteLength(text);
      if (bytes >= minSecretBytes) return undefined;
      return short(
        `The secret has ${bytes} bytes; it needs at least ${minSecretBytes}.`,
        'openssl rand -base64 48',
      );
    }
    case 'operator-token':
      if (!/^[\x21-\x7e]*$/.test(text)) return unfit('The token has characters that no header can carry.');
      return atLeast(minTokenCharacters, text, 'token');
    case 'webhook-secret':
      return atLeast(minWebhookCharacters, text, 'secret');
    case 'password':
    case 'token':
      return /[\u0000-\u001f\u007f]/.test(text)
        ? unfit('The value holds a line end or a control character.')
        : undefined;
    case 'private-key':
      return text.includes('PRIVATE KEY-----')
        ? undefined
        : unfit('The value is no private key in the form of PEM or OpenSSH.');
    case 'public-key':
      return text.includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')
        ? undefined
        : unfit('The value is no armored OpenPGP public key.');
    case 'known-hosts':
      return /^\s*[^#\s]+\s+\S+\s+\S+/m.test(text)
        ? undefined
        : unfit('The value has no line of a known_hosts file.');
    case 'control-url':
      return urlOf(schemes.postgres, text);
    case 'redis-url':
      return urlOf(redisSchemes, text);
    default:
      return use satisfies never;
  }
}

function atLeast(characters: number, text: string, what: string): Wrong | undefined {
  if (text.length >= characters) return undefined;
  const message = `The ${what} has ${text.length} characters; it needs at least ${characters}.`;
  return short(message, 'openssl rand -hex 32');
}

function short(message: string, command: string): Wrong {
  return { code: 'SHORT_SECRET', message, hint: `make one with: ${command}` };
}

function unfit(message: string): Wrong {
  return { code: 'WRONG_VALUE', message, hint: 'look at what the variable or the file holds' };
}

function urlOf(allowed: readonly string[], text: string): Wrong | undefined {
  if (URL.canParse(text) && allowed.includes(schemeOf(text) ?? '')) return undefined;
  return unfit(`The value is no url that begins with ${allowed[0]}://.`);
}

/** ssh reads neither a key nor a line of hosts whose last line end is missing, and a file of a secret is read without it. */
function normal(use: SecretUse, text: string): string {
  const file = use === 'private-key' || use === 'known-hosts';
  return file && !text.endsWith('\n') ? `${text}\n` : text;
}

/** A token says which operator is asking. */
function findTwins({ operators }: ServerConfig, resolver: Resolver): void {
  const first = new Map<string, string>();
  for (const { name, token } of operators) {
    const other = first.get(token);
    first.set(token, other ?? name);
    if (other === undefined || token === '') continue;
    const path: PlacedSecret['path'] = ['operators', name, 'token'];
    resolver.report('DECLARED_TWICE', 'error', path, {
      message: `The operators "${other}" and "${name}" have the same token.`,
      hint: 'give each a token of its own',
    });
  }
}
