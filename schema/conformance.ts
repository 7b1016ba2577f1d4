/** Whether a value has the shape that a schema asks for, told in sentences. */
import { Ajv, type ValidateFunction } from 'ajv';
import type { Literal } from './predicate.ts';
import { type StructuralFinding, structuralFindings } from './structural-error.ts';

/** @returns the check of one value: keys, kinds of values, patterns; one finding for each mistake */
export function structureOf(schema: object): (value: Literal) => readonly StructuralFinding[] {
  let validate: ValidateFunction | undefined;
  return (value) => {
    // Compiled when it is first asked, once for the process: it depends on no project.
    validate ??= new Ajv({ allErrors: true, verbose: true, strict: false }).compile(schema);
    return validate(value) ? [] : structuralFindings(validate.errors ?? [], value);
  };
}
