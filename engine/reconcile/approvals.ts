/** What a commit would take away, held against the approvals in its own tree. */
import { type Approval, approvalsFile, readApprovals, unapproved } from '../../schema/approvals.ts';
import { type Findings, Refused } from './findings.ts';

/** What needs an approval. */
export interface Taking {
  readonly fingerprint: string;
  /** One sentence. */
  readonly message: string;
}

export class Approvals {
  readonly #approvals: readonly Approval[];
  readonly #today: string;

  private constructor(approvals: readonly Approval[], today: string) {
    this.#approvals = approvals;
    this.#today = today;
  }

  /** A file with an error approves nothing, and stops nothing that needs no approval: its findings are warnings. */
  static async read(directory: string, found: Findings): Promise<Approvals> {
    const today = new Date().toISOString().slice(0, 10);
    const { value = [], diagnostics } = await readApprovals(directory, today);
    for (const diagnostic of diagnostics) found.diagnostics.push({ ...diagnostic, severity: 'warning' });
    return new Approvals(value, today);
  }

  /** @throws {Refused} ApprovalNeeded, with the fingerprint of each that is not approved */
  require(takings: readonly Taking[], because: string): void {
    const open = unapproved(takings, this.#approvals, this.#today);
    if (open.length === 0) return;
    const what = open.map(({ fingerprint, message }) => `${message} (${fingerprint})`).join(' ');
    throw new Refused(
      'ApprovalNeeded',
      `${because} ${what} To allow it, name ${open.length === 1 ? 'its fingerprint' : 'the fingerprints'} in ${approvalsFile}.`,
    );
  }
}
