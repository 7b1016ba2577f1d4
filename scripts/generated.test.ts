/** What is committed is what its sources make. */
import { test } from 'node:test';
import { checkGenerated } from './generated.ts';

test('the JSON Schemas, the Action and the tables of its documentation are current', () => checkGenerated());
