/** Which changes somebody has allowed: by `approvals.yaml`, or by a label that was set when they were shown. Pure. */
import type { Approval } from '../../schema/approvals.ts';
import type { Acceptance, Finding } from './change.ts';

/** The label of a pull request, for the changes that it was set for. */
export interface LabelAcceptance {
  /** Whether the change with this fingerprint was shown when the label was set. */
  readonly covers: (fingerprint: string) => boolean;
  /** `ada set the label "approved-breaking-change"`. */
  readonly reason: string;
}

export interface Accepting {
  readonly approvals: readonly Approval[];
  /** `2026-06-30`, in UTC. */
  readonly today: string;
  readonly label: LabelAcceptance | undefined;
}

/** The file counts first: its reason outlives the pull request. */
export function acceptanceOf(
  { needsAcceptance, fingerprint }: Pick<Finding, 'needsAcceptance' | 'fingerprint'>,
  { approvals, today, label }: Accepting,
): Acceptance | undefined {
  if (!needsAcceptance) return undefined;
  const approval = approvals.find((one) => one.fingerprint === fingerprint && one.expires >= today);
  if (approval !== undefined) return { by: 'file', reason: approval.reason, expires: approval.expires };
  if (label?.covers(fingerprint)) return { by: 'label', reason: label.reason, expires: undefined };
  return undefined;
}
