/** What all listeners of one server share: who may ask, whose webhooks count, how often one may be wrong. Made from server.yaml. */
import type { ServerConfig } from '../../../schema/server-config.ts';
import { type Authority, createAuthority } from '../../auth/authority.ts';
import { IssuerKeys } from '../../auth/issuer-keys.ts';
import type { KeysNews } from '../../auth/keys.ts';
import type { ReplayGuard } from '../../auth/replay.ts';
import type { Fleet } from '../../reconcile/fleet.ts';
import type { Emit, OperationalEvent } from '../../telemetry/events.ts';
import { Attempts } from './attempts.ts';
import { Webhooks } from './webhooks.ts';

export interface DoorsOptions {
  /** With references resolved. */
  readonly config: Pick<ServerConfig, 'operators' | 'sources'>;
  readonly replay: ReplayGuard;
  readonly fleet: Pick<Fleet, 'poke'>;
  /** Hears what becomes of the keys of issuers. Default: nobody does. */
  readonly emit?: Emit;
  /** Of the issuers of `trust`. Default: fetched when they are needed. */
  readonly keys?: IssuerKeys;
}

export interface Doors {
  readonly authority: Authority;
  readonly webhooks: Webhooks;
  readonly attempts: Attempts;
}

/** @throws {TypeError} an entry of `trust` without a condition */
export function createDoors({ config, replay, fleet, emit, keys }: DoorsOptions): Doors {
  const sources = [...config.sources.values()];
  const authority = createAuthority({
    operators: config.operators,
    trust: sources.flatMap(({ name, trust }) => trust.map((entry) => ({ source: name, trust: entry }))),
    keys: keys ?? new IssuerKeys({ onNews: (issuer, news) => emit?.(issuerEvent(issuer, news)) }),
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

function issuerEvent(issuer: string, { usable, message, cause }: KeysNews): OperationalEvent {
  return { kind: 'issuer', project: undefined, issuer, usable, message, cause };
}
