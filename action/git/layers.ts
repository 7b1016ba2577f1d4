/** Objects from where they are: what was made here, the clone, GitHub. */
import { GitFailure, type ObjectInfo, type ObjectKind, type Objects, objectId } from '../../engine/index.ts';

export class Layers implements Objects {
  readonly #below: readonly Objects[];
  /** Trees that exist nowhere else: nothing is written to the clone. */
  readonly #made = new Map<string, Buffer>();

  /** @param below asked one after the other */
  constructor(below: readonly Objects[]) {
    this.#below = below;
  }

  /** @returns the id of a tree of that content, which is read from now on */
  async make(content: Buffer): Promise<string> {
    const id = objectId('tree', content);
    this.#made.set(id, content);
    return id;
  }

  async info(id: string): Promise<ObjectInfo | undefined> {
    const made = this.#made.get(id);
    if (made !== undefined) return { kind: 'tree', size: made.length };
    for (const objects of this.#below) {
      const found = await objects.info(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async read(id: string, kind: ObjectKind, maxBytes: number): Promise<Buffer> {
    const made = this.#made.get(id);
    if (made !== undefined) return made;
    for (const [index, objects] of this.#below.entries()) {
      try {
        return await objects.read(id, kind, maxBytes);
      } catch (error) {
        const isLast = index === this.#below.length - 1;
        if (isLast || !(error instanceof GitFailure) || error.kind !== 'missing') throw error;
      }
    }
    throw new GitFailure(
      'missing',
      'There is no clone in the workspace, and no token to ask GitHub with.',
      'add a step with actions/checkout before this one',
    );
  }
}
