/** All that another process of this machine needs to build a revision again. Plain data. */
import type { Broken } from '../api/broken.ts';

export interface SharedBuild {
  /** Its name in server.yaml. */
  readonly source: string;
  /** Of the project, within the repository. */
  readonly folder: string;
  /** The exported tree. */
  readonly directory: string;
  readonly commit: string;
  /** The served name. */
  readonly name: string;
  /** Of the revision. */
  readonly id: string;
  readonly drifts: Broken['drifts'];
}
