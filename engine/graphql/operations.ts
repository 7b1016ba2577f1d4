/** The project's operations, held against the roles that may run them. What is wrong is a finding in the operation's file. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import {
  type ArgumentNode,
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type Location,
  print,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Diagnostic, Staged } from '../../schema/diagnostic.ts';
import { didYouMean } from '../../schema/nearest.ts';
import type { OperationsConfig, Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import { placeOf, readDocuments, type WrittenOperation } from './documents.ts';
import { documentLimits, limitText } from './limits.ts';
import { buildModel, type Model } from './model.ts';
import type { Operation, Operations } from './persisted.ts';
import { planOperation } from './plan.ts';
import { Refusal } from './refusal.ts';
import { SchemaTypes } from './schema.ts';
import { validateParsed } from './validate.ts';

/** Why an operation cannot be run by a role, and where it says so. */
interface Finding {
  readonly message: string;
  readonly at: Location;
}

interface Role {
  readonly model: Model;
  readonly types: SchemaTypes;
}

/**
 * The operations with who may run each: one that `roles` names, exactly those, and it must be valid for each; another,
 * every role that it is valid for, which must be one at least. The thread is given back between two checks.
 *
 * @param api undefined: only the files are checked, because what they are about is not known
 */
export async function bindOperations(project: Project, api: Api | undefined): Promise<Staged<Operations>> {
  const config = project.operations;
  if (config === undefined) return { diagnostics: [] };
  const { value: written = [], diagnostics: found } = readDocuments(config.files);
  const diagnostics = [...found, ...unknownNames(project, config, written, found)];
  const bound: { readonly operation: Operation; readonly whole: string | undefined }[] = [];
  const roles = new Map<string, Role>();
  const roleOf = (name: string): Role => {
    const model = roles.get(name)?.model ?? buildModel(api!, name);
    const role = roles.get(name) ?? { model, types: new SchemaTypes(model) };
    roles.set(name, role);
    return role;
  };
  for (const one of written) {
    const introspection = introspects(one);
    if (introspection !== undefined) diagnostics.push(introspection);
    if (api === undefined || introspection !== undefined) continue;
    const document: DocumentNode = {
      kind: 'Document' as never,
      definitions: [one.operation, ...one.fragments],
    };
    const text = print(document);
    const findings = new Map<string, Finding>();
    const named = config.roles.get(one.name);
    for (const role of named ?? project.roles.keys()) {
      // A role that is not declared is a finding of its own.
      if (!project.roles.has(role)) continue;
      const finding = findingOf(one, document, text, roleOf(role));
      if (finding !== undefined) findings.set(role, finding);
      await setImmediate();
    }
    const may = [...(named ?? project.roles.keys())].filter((role) => !findings.has(role));
    if (named !== undefined || may.length === 0)
      diagnostics.push(...grouped(one.name, findings, named !== undefined));
    bound.push({ operation: { name: one.name, text, roles: new Set(may) }, whole: one.whole });
  }
  const byHash = new Map<string, Operation>();
  for (const { operation, whole } of bound) {
    byHash.set(sha256(operation.text), operation);
    if (whole !== undefined) byHash.set(sha256(whole), operation);
  }
  return {
    value: {
      byName: new Map(bound.map(({ operation }) => [operation.name, operation])),
      byHash,
      only: new Set(config.only),
    },
    diagnostics,
  };
}

/** What `roles:` names and no file has. */
function unknownNames(
  project: Project,
  config: OperationsConfig,
  written: readonly WrittenOperation[],
  found: readonly Diagnostic[],
): readonly Diagnostic[] {
  // An operation that is there and cannot be read is told of already.
  if (found.some(({ severity }) => severity === 'error')) return [];
  const names = new Set(written.map(({ name }) => name));
  return [...config.roles.keys()].flatMap((name): Diagnostic[] => {
    if (names.has(name)) return [];
    const source = project.locate(['operations', 'roles', name], 'key');
    return [
      {
        code: 'OPERATION_NOT_FOUND',
        severity: 'error',
        message: `No file of the folder "${config.folder}" has an operation "${name}".`,
        hint: didYouMean(name, names) ?? 'write it there, or take its line out',
        ...(source === undefined ? {} : { source }),
      },
    ];
  });
}

function introspects({ name, operation, fragments }: WrittenOperation): Diagnostic | undefined {
  let at: Location | undefined;
  for (const definition of [operation, ...fragments])
    visit(definition, {
      Field(node) {
        if (node.name.value === '__schema' || node.name.value === '__type') at ??= node.name.loc;
      },
    });
  return (
    at && {
      code: 'OPERATION_INTROSPECTS',
      severity: 'error',
      message: `Operation "${name}" reads the schema itself.`,
      hint: 'take the field out; who may introspect is said by introspection: under roles:',
      source: placeOf(at),
    }
  );
}

/** As the thread that plans would find it. */
function findingOf(
  { operation }: WrittenOperation,
  document: DocumentNode,
  text: string,
  { model, types }: Role,
): Finding | undefined {
  const limits = documentLimits(model.limits);
  try {
    limitText(text, limits);
    const validated = validateParsed({ document, operation }, types, { limits, introspection: true });
    planOperation(validated, model, types);
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const node = error.cause instanceof GraphQLError ? error.cause.nodes?.at(-1) : undefined;
    const at = node?.loc ?? locate(error.path, document, operation.selectionSet);
    return { message: error.message, at: at ?? operation.name!.loc! };
  }
}

/** One diagnostic for what several roles have in common. */
function grouped(
  name: string,
  findings: ReadonlyMap<string, Finding>,
  isNamed: boolean,
): readonly Diagnostic[] {
  const groups = new Map<string, { readonly finding: Finding; readonly roles: string[] }>();
  for (const [role, finding] of findings) {
    const key = `${finding.at.source.name} ${finding.at.start} ${finding.message}`;
    const group = groups.get(key) ?? { finding, roles: [] };
    group.roles.push(role);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ finding, roles }) => {
    const [, what, suggestion] = /^(.*?)\.?(?: Did you mean (.*\?))?$/s.exec(finding.message)!;
    const whose = `${roles.length === 1 ? 'role' : 'roles'} ${roles.map((role) => `"${role}"`).join(', ')}`;
    const otherwise = isNamed
      ? `mend it, or take the role out of the line of "${name}" under operations: roles:`
      : 'mend it, or grant what it reads to a role: it must be valid for one';
    return {
      code: 'OPERATION_NOT_VALID',
      severity: 'error',
      message: `Operation "${name}" is not valid for ${whose}: ${what}.`,
      hint: suggestion === undefined ? otherwise : `did you mean ${suggestion}`,
      source: placeOf(finding.at),
    };
  });
}

/** The place of a path as refusals have it: `$.selectionSet.books.args.where`. */
function locate(path: string, document: DocumentNode, root: SelectionSetNode): Location | undefined {
  let set: SelectionSetNode | undefined = root;
  let at: FieldNode | ArgumentNode | undefined;
  for (const [, kind, name] of path.matchAll(/\.(selectionSet|args)\.([^.[]+)/g)) {
    const node: FieldNode | ArgumentNode | undefined =
      kind === 'args' && at?.kind === 'Field'
        ? at.arguments?.find((argument) => argument.name.value === name)
        : set && fieldIn(set, name!, document);
    if (node === undefined) break;
    at = node;
    set = node.kind === 'Field' ? node.selectionSet : undefined;
  }
  return at?.loc;
}

function fieldIn(set: SelectionSetNode, as: string, document: DocumentNode): FieldNode | undefined {
  const seen = new Set<string>();
  const search = ({ selections }: SelectionSetNode): FieldNode | undefined => {
    for (const node of selections) {
      if (node.kind === 'Field') {
        if ((node.alias ?? node.name).value === as) return node;
        continue;
      }
      const inner = node.kind === 'InlineFragment' ? node.selectionSet : fragmentSet(node.name.value);
      const found = inner && search(inner);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const fragmentSet = (name: string): SelectionSetNode | undefined => {
    if (seen.has(name)) return undefined;
    seen.add(name);
    const fragment = document.definitions.find(
      (one) => one.kind === 'FragmentDefinition' && one.name.value === name,
    );
    return fragment?.kind === 'FragmentDefinition' ? fragment.selectionSet : undefined;
  };
  return search(set);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
