/** What is committed is what its sources make. */
import { test } from 'node:test';
import { checkGenerated } from './generated.ts';

test('the JSON Schemas and the bundle of the Action are current', () => checkGenerated());
