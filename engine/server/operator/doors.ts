/** What all listeners of one server share: who may ask, whose webhooks count, how often one may be wrong. Made from server.yaml. */
import type { ServerConfig } from '../../../schema/server-config.ts';
import { type Authority, createAuthority } from '../../auth/authority.ts';
import { IssuerKeys } from '../../auth/issuer-keys.ts';
import type { KeysNews } from '../../auth/keys.ts';
import type { ReplayGuard } from '../../auth/replay.ts';
import type { Fleet } from '../../reconcile/fleet.ts';
import { Attempts } from './attempts.ts';
import { Webhooks } from './webhooks.ts';

export interface DoorsOptions {
  /** With references resolved. */
  readonly config: Pick<ServerConfig, 'operators' | 'sources'>;
  readonly replay: ReplayGuard;
  readonly fleet: Pick<Fleet, 'poke'>;
  readonly onNews?: (issuer: string, news: KeysNews) => void;
  /** Of the issuers of `trust`. Default: fetched when they are needed. */
  readonly keys?: IssuerKeys;
}

export interface Doors {
  readonly authority: Authority;
  readonly webhooks: Webhooks;
  readonly attempts: Attempts;
}

/** @throws {TypeError} an entry of `trust` without a condition */
export function createDoors({ config, replay, fleet, onNews, keys }: DoorsOptions): Doors {
  const sources = [...config.sources.values()];
  const authority = createAuthority({
    operators: config.operators,
    trust: sources.flatMap(({ name, trust }) => trust.map((entry) => ({ source: name, trust: entry }))),
    keys: keys ?? new IssuerKeys(onNews === undefined ? {} : { onNews }),
    replay,
  });
  const secrets = new Map<string, string>();
  for (const { name, webhook } of sources) if (webhook !== undefined) secrets.set(name, webhook.secret);
  return {
    authority,
    webhooks: new Webhooks({ secrets, poke: (source) => fleet.poke(source) }),
    attempts: new Attempts(),
  };
}
