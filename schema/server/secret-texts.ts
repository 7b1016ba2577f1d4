/** Every text of a `ServerConfig` that may hold references, with its place in the file, and how it is replaced. Pure. */
import type { Path } from '../predicate.ts';
import type { SecretText, ServerConfig, SourceConfig } from '../server-config.ts';

/** What a text is for, which says what its value must be like. */
export type SecretUse =
  | 'engine-secret'
  | 'operator-token'
  | 'webhook-secret'
  | 'password'
  | 'token'
  | 'private-key'
  | 'known-hosts'
  | 'public-key'
  | 'control-url'
  | 'redis-url'; // biome-ignore format: a list

export interface PlacedSecret {
  readonly path: Path;
  readonly text: SecretText;
  readonly use: SecretUse;
}

type Replace = (secret: PlacedSecret) => SecretText;

/** All of them, in the order of the configuration. */
export function secretTexts(config: ServerConfig): readonly PlacedSecret[] {
  const found: PlacedSecret[] = [];
  replaceSecretTexts(config, (secret) => {
    found.push(secret);
    return secret.text;
  });
  return found;
}

/** The configuration with another text in place of each of them. */
export function replaceSecretTexts(config: ServerConfig, replace: Replace): ServerConfig {
  const first: Path = config.previous.length === 0 ? ['secret'] : ['secret', 'current'];
  return {
    ...config,
    secret: replace({ path: first, text: config.secret, use: 'engine-secret' }),
    previous: config.previous.map((text, index) =>
      replace({ path: ['secret', 'previous', index], text, use: 'engine-secret' }),
    ),
    control: config.control && {
      url: replace({ path: ['control', 'url'], text: config.control.url, use: 'control-url' }),
    },
    redis: config.redis && {
      url: replace({ path: ['redis', 'url'], text: config.redis.url, use: 'redis-url' }),
    },
    operators: config.operators.map((operator) => ({
      ...operator,
      token: replace({
        path: ['operators', operator.name, 'token'],
        text: operator.token,
        use: 'operator-token',
      }),
    })),
    sources: new Map([...config.sources].map(([name, source]) => [name, inSource(source, replace)])),
  };
}

function inSource(source: SourceConfig, replace: Replace): SourceConfig {
  const path = ['sources', source.name];
  const { webhook, github, verify } = source;
  return {
    ...source,
    credentials: inCredentials(source.credentials, [...path, 'credentials'], replace),
    verify: verify && {
      ssh: verify.ssh,
      gpg: verify.gpg.map((text, index) =>
        replace({ path: [...path, 'verify', 'gpg', index], text, use: 'public-key' }),
      ),
    },
    webhook: webhook && {
      secret: replace({ path: [...path, 'webhook', 'secret'], text: webhook.secret, use: 'webhook-secret' }),
    },
    github: github && {
      ...github,
      token: replace({ path: [...path, 'github', 'token'], text: github.token, use: 'token' }),
    },
  };
}

function inCredentials(
  credentials: SourceConfig['credentials'],
  path: Path,
  replace: Replace,
): SourceConfig['credentials'] {
  switch (credentials?.kind) {
    case undefined:
      return undefined;
    case 'https': {
      const password = { path: [...path, 'password'], text: credentials.password, use: 'password' } as const;
      return { ...credentials, password: replace(password) };
    }
    case 'ssh': {
      const key = { path: [...path, 'key'], text: credentials.key, use: 'private-key' } as const;
      const hosts = {
        path: [...path, 'known_hosts'],
        text: credentials.knownHosts,
        use: 'known-hosts',
      } as const;
      return { ...credentials, key: replace(key), knownHosts: replace(hosts) };
    }
    default:
      return credentials satisfies never;
  }
}
