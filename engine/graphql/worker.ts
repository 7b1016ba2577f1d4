/** The thread that parses, validates, plans and introspects, one document after the other. Holds roles' models. */
import { parentPort } from 'node:worker_threads';
import { AllowList, isIntrospection } from './allowed.ts';
import { documentLimits } from './limits.ts';
import type { Model } from './model.ts';
import type { OperationPlan, Refused } from './operation.ts';
import { planOperation } from './plan.ts';
import { Refusal } from './refusal.ts';
import { SchemaTypes } from './schema.ts';
import { type Validated, type ValidateOptions, validateDocument } from './validate.ts';

/** What a lane asks. `model` names a model that was sent under this key; it is sent again when it has been dropped. */
export type Job =
  | { readonly kind: 'model'; readonly key: string; readonly model: Model }
  | { readonly kind: 'forget'; readonly key: string }
  | {
      readonly kind: 'plan';
      readonly model: string;
      readonly text: string;
      readonly operation: string | undefined;
    }
  | {
      readonly kind: 'introspect';
      readonly model: string;
      readonly text: string;
      readonly operation: string | undefined;
      readonly variables: string;
    }
  | { readonly kind: 'print'; readonly model: string };

export type Answer =
  | { readonly kind: 'plan'; readonly plan: OperationPlan }
  | { readonly kind: 'fields'; readonly fields: readonly (readonly [string, string])[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'refused'; readonly refused: Refused }
  | { readonly kind: 'unknownModel' }
  | { readonly kind: 'failed'; readonly message: string };

interface Held {
  readonly model: Model;
  types: SchemaTypes | undefined;
  allowed: AllowList | undefined;
}

/** Models and their types held at once; the one not used for longest goes first. */
const maxModels = 64;
/** Types made for validation before they are started anew: what documents named together, not what a role has. */
const maxTypes = 5_000;

const models = new Map<string, Held>();

parentPort?.on('message', (job: Job) => {
  answer(job).then((reply) => {
    if (reply !== undefined) parentPort?.postMessage(reply);
  });
});

async function answer(job: Job): Promise<Answer | undefined> {
  try {
    return await run(job);
  } catch (error) {
    if (error instanceof Refusal) {
      const { code, message, path } = error;
      return { kind: 'refused', refused: { code: code as Refused['code'], message, path } };
    }
    // A document that exhausts the stack of the parser or of a rule.
    if (error instanceof RangeError)
      return {
        kind: 'refused',
        refused: { code: 'NS603', message: 'the document nests too deep', path: '$' },
      };
    return {
      kind: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}

async function run(job: Job): Promise<Answer | undefined> {
  switch (job.kind) {
    case 'model':
      models.set(job.key, { model: job.model, types: undefined, allowed: undefined });
      for (const key of models.keys()) if (models.size > maxModels) models.delete(key);
      return undefined;
    case 'forget':
      models.delete(job.key);
      return undefined;
    default:
      return work(job);
  }
}

async function work(job: Exclude<Job, { kind: 'model' | 'forget' }>): Promise<Answer> {
  const held = take(job.model);
  if (held === undefined) return { kind: 'unknownModel' };
  switch (job.kind) {
    case 'plan': {
      const validated = validateWith(held, job.text, job.operation);
      return { kind: 'plan', plan: planOperation(validated, held.model, typesOf(held)) };
    }
    case 'introspect': {
      const { introspect } = await import('./introspect.ts');
      const validated = validateWith(held, job.text, job.operation);
      return { kind: 'fields', fields: await introspect(validated, JSON.parse(job.variables), held.model) };
    }
    case 'print': {
      const { printModel } = await import('./introspect.ts');
      return { kind: 'text', text: printModel(held.model) };
    }
    default:
      return job satisfies never;
  }
}

/** The model, made the one used last. */
function take(key: string): Held | undefined {
  const held = models.get(key);
  if (held === undefined) return undefined;
  models.delete(key);
  models.set(key, held);
  return held;
}

function validateWith(held: Held, text: string, operation: string | undefined): Validated {
  const { introspection, limits, allowed } = held.model;
  if (allowed !== undefined) held.allowed ??= new AllowList(allowed);
  const list = held.allowed;
  const allows: ValidateOptions['allows'] =
    list && ((...sent) => list.has(...sent) || (introspection && isIntrospection(...sent)));
  return validateDocument(text, operation, typesOf(held), {
    limits: documentLimits(limits),
    introspection,
    ...(allows === undefined ? null : { allows }),
  });
}

function typesOf(held: Held): SchemaTypes {
  if (held.types === undefined || held.types.size > maxTypes) held.types = new SchemaTypes(held.model);
  return held.types;
}
