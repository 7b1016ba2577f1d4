/** The entries of a tree object. Pure. */
import { GitFailure } from './failure.ts';

export type EntryKind = 'file' | 'folder' | 'link' | 'submodule';

export interface TreeEntry {
  readonly kind: EntryKind;
  /** Undefined: not UTF-8. */
  readonly name: string | undefined;
  /** Of the name. */
  readonly bytes: number;
  readonly id: string;
  /** As it stands in the object. */
  readonly raw: Buffer;
}

/** Bytes of one tree object: some 100,000 entries. */
export const maxTreeBytes = 8_000_000;

const idBytes = 20;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {GitFailure} corrupt */
export function parseTree(content: Buffer): readonly TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const end = content.indexOf(0, space);
    const kind = space < 0 ? undefined : kindOf(content.toString('latin1', at, space));
    if (kind === undefined || end < 0 || end + 1 + idBytes > content.length)
      throw new GitFailure('corrupt', 'A tree object cannot be read.');
    const name = content.subarray(space + 1, end);
    entries.push({
      kind,
      name: decode(name),
      bytes: name.length,
      id: content.toString('hex', end + 1, end + 1 + idBytes),
      raw: content.subarray(at, end + 1 + idBytes),
    });
    at = end + 1 + idBytes;
  }
  return entries;
}

/** The same entry of another object. */
export function withId(entry: TreeEntry, id: string): TreeEntry {
  const raw = Buffer.concat([entry.raw.subarray(0, -idBytes), Buffer.from(id, 'hex')]);
  return { ...entry, id, raw };
}

function kindOf(mode: string): EntryKind | undefined {
  const kinds: Readonly<Record<string, EntryKind>> = { '4': 'folder', '12': 'link', '16': 'submodule' };
  if (!/^[0-7]{5,6}$/.test(mode)) return undefined;
  return mode.startsWith('100') ? 'file' : kinds[mode.replace(/^0/, '').replace(/0000$/, '')];
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
