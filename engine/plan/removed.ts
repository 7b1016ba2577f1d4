/** A project that the head no longer has. Pure. */
import type { Project } from '../../schema/project.ts';
import { fingerprintOf } from '../catalog/fingerprint.ts';
import type { Finding } from './change.ts';
import { say, strong } from './sentence.ts';

/** @param project undefined: its files in the base cannot be read */
export function projectRemoved(project: Project | undefined): Finding {
  const name = project?.name ?? 'the project';
  return {
    section: 'api',
    rule: 'project-removed',
    level: 'breaking',
    needsAcceptance: true,
    sentence: say`The project ${name} is ${strong('removed')}: all its URLs end.`,
    hint: 'the engine goes on serving it until an operator removes it there',
    subject: {},
    roles: [],
    fingerprint: fingerprintOf(['project-removed', name]),
    place: { path: [] },
  };
}
