/**
 * The environment of every Git process: closed, built from nothing. No file of the machine's or of a user's configures Git,
 * nothing is asked of a person, no hook, filter, helper or other program of a repository's runs. Pure.
 */
import type { Transport } from './remote-address.ts';

export type Environment = Readonly<Record<string, string>>;
export type Settings = readonly (readonly [key: string, value: string])[];

/** What the operator may need to be reached by, and to find programs and certificates. */
const inherited = [
  'PATH',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'TMPDIR',
];

const always: Settings = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['core.excludesFile', '/dev/null'],
  // An empty one clears the list of those before it.
  ['credential.helper', ''],
  ['protocol.version', '2'],
  ['transfer.fsckObjects', 'true'],
  ['fetch.fsckObjects', 'true'],
  // Every fetch is one pack: index-pack checks it as a whole before anything of it is seen.
  ['fetch.unpackLimit', '1'],
  ['transfer.bundleURI', 'false'],
  ['transfer.credentialsInUrl', 'die'],
  ['fetch.recurseSubmodules', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.writeCommitGraph', 'false'],
  // Housekeeping is the mirror's own: a process in the background would outlive its command.
  ['gc.auto', '0'],
  ['gc.autoDetach', 'false'],
  ['maintenance.auto', 'false'],
  // Another host would be asked with our credentials, another scheme read our files.
  ['http.followRedirects', 'false'],
  ['http.sslVerify', 'true'],
];

export interface EnvironmentOptions {
  /** The bare repository; Git looks for no other. */
  readonly directory: string;
  /** The only one that may be used; undefined: none. */
  readonly transport?: Transport;
  readonly settings?: Settings;
  readonly variables?: Environment;
  /** Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export function gitEnvironment(options: EnvironmentOptions): Environment {
  const { directory, transport, env = process.env } = options;
  const kept = inherited.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  const settings = [...always, ...(options.settings ?? [])];
  return {
    ...Object.fromEntries(kept),
    HOME: '/nonexistent',
    XDG_CONFIG_HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_DIR: directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    // An allow-list before all settings; no transport has the name "none".
    GIT_ALLOW_PROTOCOL: transport ?? 'none',
    GIT_PAGER: 'cat',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
    ...options.variables,
  };
}
