/** All tokens that nobody may take, each with the code that refuses it. */
import { forgedAlgorithms } from './forged-algorithms.ts';
import { forgedClaims } from './forged-claims.ts';
import { forgedHeaders } from './forged-headers.ts';
import { forgedSignatures } from './forged-signatures.ts';
import type { World } from './world.ts';

export interface Forgery {
  readonly name: string;
  /** Printable, without blanks. */
  readonly token: string;
  /** Default PGRST301: it is no token, or not signed as it has to be. */
  readonly code?: 'PGRST301' | 'PGRST303';
}

/** By kind. No token stands there twice. */
export async function forgeries(
  world: World,
  seed: number,
  flips: number,
): Promise<ReadonlyMap<string, readonly Forgery[]>> {
  const seen = new Set<string>();
  const fresh = ({ token }: Forgery) => !seen.has(token) && seen.add(token);
  return new Map([
    ['algorithms', forgedAlgorithms(world).filter(fresh)],
    ['headers', forgedHeaders(world).filter(fresh)],
    ['claims', (await forgedClaims(world)).filter(fresh)],
    ['signatures', forgedSignatures(world, seed, flips).filter(fresh)],
  ]);
}
