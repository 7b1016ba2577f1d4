import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDatabase } from '../../../test/database.ts';
import { Problem } from '../../problem/problem.ts';
import { changeJson, type JsonOperator } from './json-change.ts';

/** Gives the value, or the code of the error. */
const sql = `
  create function changed(operator text, own jsonb, given text) returns jsonb language plpgsql as $$ begin
    case operator
      when 'append' then return own || given::jsonb;
      when 'prepend' then return given::jsonb || own;
      when 'deleteKey' then return own - given;
      when 'deleteElem' then return own - given::int;
      when 'deleteAtPath' then return own #- (select array_agg(value) from json_array_elements_text(given::json));
    end case;
  exception when others then return to_jsonb(sqlstate);
  end $$;
`;

const values = [
  '{"a":1,"b":{"c":[1,2,{"d":null}]},"__proto__":{"x":1}}', '[1,"a",[2],{"a":1},"a"]', '{}', '[]', '"a"', '12.50', 'null', 'true',
]; // biome-ignore format: a list

const cases: readonly (readonly [JsonOperator, readonly string[]])[] = [
  ['append', values],
  ['prepend', values],
  ['deleteKey', ['a', '__proto__', 'zz', '']],
  ['deleteElem', ['0', '-1', '4', '9', '-9']],
  [
    'deleteAtPath',
    ['["a"]', '["b","c","2","d"]', '["b","c","-1"]', '["3","a"]', '["-1"]', '["9"]', '["zz","c"]', '["2","0"]', '["a","x"]', '[0]', '["b","x"]', '["1x"]', '["b","c","k"]'],
  ],
]; // biome-ignore format: a list

describe('JSON that an operator changes', () => {
  it('becomes what PostgreSQL makes of it, or is refused with its code', async (t) => {
    const postgres = await createDatabase(t, 'postgres');
    await postgres.query(sql);
    const all = cases.flatMap(([operator, operands]) =>
      values.flatMap((own) => operands.map((given) => ({ operator, own, given }))),
    );
    const rows = await postgres.query(
      `select changed(operator, own::jsonb, given)::text as value
         from rows from (json_to_recordset($1) as (operator text, own text, given text)) with ordinality as t(operator, own, given, n)
        order by n`,
      [JSON.stringify(all)],
    );
    assert.deepEqual(
      all.map(({ operator, own, given }) => [own, operator, given, made(operator, own, given)]),
      all.map(({ operator, own, given }, index) => [
        own,
        operator,
        given,
        JSON.parse(rows[index]!.value as string),
      ]),
    );
  });

  it('keeps the digits of numbers, and is null where it or the operand is', () => {
    assert.equal(
      changeJson('append', '{"a":1.10}', '{"b":12345678901234567890}'),
      '{"a":1.10,"b":12345678901234567890}',
    );
    assert.equal(changeJson('append', '1.10', '2.50'), '[1.10,2.50]');
    assert.equal(changeJson('append', null, '1'), null);
    assert.equal(changeJson('deleteKey', '{}', null), null);
  });
});

function made(operator: JsonOperator, own: string, given: string): unknown {
  try {
    return JSON.parse(changeJson(operator, own, given)!);
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}
