/** What is allowed and hardly meant: policies that are open, or closed, by mistake. It refuses nothing. Pure. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import { Findings } from '../api/diagnose.ts';
import { findAnonymousRights } from './anonymous-rights.ts';
import { factsOf } from './facts.ts';
import { findPolicyTruths } from './policy-truth.ts';
import type { TableFacts } from './truth.ts';
import { findUnreachableRoles } from './unreachable-roles.ts';
import { findUnreadableLinks } from './unreadable-links.ts';
import { findWeakChecks } from './weak-checks.ts';

/** What every rule looks at. */
export interface Subject {
  readonly project: Project;
  /** Tables without a catalog are not in it. */
  readonly api: Api;
  readonly factsOf: (table: string) => TableFacts;
  readonly findings: Findings;
}

/** @param api what the project compiles to; tables that did not bind are looked at as YAML alone */
export function lintProject(project: Project, api: Api): readonly Diagnostic[] {
  return found(project, api, [
    findPolicyTruths,
    findWeakChecks,
    findAnonymousRights,
    findUnreachableRoles,
    findUnreadableLinks,
  ]);
}

/** Of conditions alone, for who is at work on them: the rest is for the review. */
export function lintConditions(project: Project, api: Api): readonly Diagnostic[] {
  return found(project, api, [findPolicyTruths, findWeakChecks]);
}

function found(
  project: Project,
  api: Api,
  rules: readonly ((subject: Subject) => void)[],
): readonly Diagnostic[] {
  const findings = new Findings(project);
  const subject: Subject = {
    project,
    api,
    factsOf: (table) => factsOf(api.tables.get(table), api.tables),
    findings,
  };
  for (const rule of rules) rule(subject);
  return findings.diagnostics;
}
