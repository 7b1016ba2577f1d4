/** One key for each purpose and project, derived from one secret, so that none of them opens what another guards. */
import { hkdfSync } from 'node:crypto';

/**
 * 32 bytes by HKDF-SHA256. Pure.
 *
 * @param secret  32 bytes or more
 * @param purpose what the key is for: `cursors`
 * @param project its slug
 */
export function purposeKey(secret: string, purpose: string, project: string): Buffer {
  const info = `novastack ${purpose} ${project}`;
  return Buffer.from(hkdfSync('sha256', secret, '', info, 32));
}
