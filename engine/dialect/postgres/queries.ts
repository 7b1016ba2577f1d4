/** The catalog queries: constant text, one parameter, the list of schemas. Every name is read as data, never as SQL. */

const chosen = `
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

/** Compared as text: a parameter of type name would be cut to 63 bytes and might fit another schema. */
const within = `n.nspname::text = ANY ($1::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

export const version = `SELECT current_setting('server_version_num')`;

/** Up to version 13 a table that was never analyzed says 0 rows in 0 pages. */
export const relations = `
SELECT c.oid, n.nspname, c.relname, c.relkind, pg_catalog.obj_description(c.oid, 'pg_class'),
       CASE WHEN c.relkind = 'v' OR c.reltuples < 0 THEN NULL
            WHEN c.reltuples = 0 AND c.relpages = 0 AND current_setting('server_version_num')::int < 140000 THEN NULL
            ELSE c.reltuples::float8 END,
       c.relrowsecurity,
       pg_catalog.pg_relation_is_updatable(c.oid, true),
       EXISTS (SELECT FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgenabled <> 'D')
${chosen}
 WHERE ${within}
 ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C"`;

/** A column of an updatable view that no base column stands behind cannot be written: as good as generated. */
export const columns = `
SELECT c.oid, a.attname, a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
       pg_catalog.col_description(c.oid, a.attnum),
       CASE WHEN c.relkind = 'v' AND pg_catalog.pg_relation_is_updatable(c.oid, true) & 12 <> 0
            THEN pg_catalog.pg_column_is_updatable(c.oid, a.attnum, true) ELSE true END,
       c.relkind = 'v' OR a.attgenerated = 'v',
       EXISTS (SELECT FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation AND NOT l.collisdeterministic)
${chosen}
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE ${within}
 ORDER BY c.oid, a.attnum`;

/**
 * Functions that a caller can be given: no aggregates, window functions, procedures, nothing of an extension. Arguments
 * and results of pseudo-types have no form in an API: polymorphic ones, triggers, `internal`, `record` without columns.
 */
const callable = `
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_catalog.pg_type r ON r.oid = p.prorettype
  LEFT JOIN pg_catalog.pg_type re ON re.oid = r.typelem
 WHERE n.nspname::text = ANY ($1::text[]) AND p.prokind = 'f'
   AND (r.typtype <> 'p' OR r.oid = 'pg_catalog.void'::regtype
        OR (r.oid = 'pg_catalog.record'::regtype AND p.proargmodes && '{o,b,t}'::"char"[]))
   AND re.typtype IS DISTINCT FROM 'p'
   AND NOT EXISTS (SELECT FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) u (oid)
                     JOIN pg_catalog.pg_type t ON t.oid = u.oid
                     LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem
                    WHERE 'p' IN (t.typtype, e.typtype))
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`;

/** Arguments of every mode in their order; of a composite result what it is of, and its attributes. */
export const routines = `
SELECT p.nspname, p.proname, pg_catalog.obj_description(p.oid, 'pg_proc'), p.provolatile, p.prosecdef,
       p.proretset, p.prorows = 1, p.pronargdefaults,
       (SELECT json_agg(json_build_array(coalesce(u.mode, 'i'), coalesce(u.name, ''), u.type::text) ORDER BY u.n)
          FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargmodes, p.proargnames)
               WITH ORDINALITY u (type, mode, name, n)),
       p.prorettype, c.relkind, cn.nspname, c.relname,
       (SELECT json_agg(json_build_array(a.attname, a.atttypid::text, pg_catalog.format_type(a.atttypid, a.atttypmod))
                        ORDER BY a.attnum)
          FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
  FROM (SELECT p.*, n.nspname, r.typrelid ${callable}) p
  LEFT JOIN pg_catalog.pg_class c ON c.oid = p.typrelid
  LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
 ORDER BY p.nspname::text COLLATE "C", p.proname::text COLLATE "C"`;

/** The types of all columns and functions, and the elements and bases these are made of. */
export const types = `
WITH RECURSIVE callable AS (SELECT p.prorettype, p.proallargtypes, p.proargtypes, r.typrelid ${callable}), used (oid) AS (
  SELECT a.atttypid
  ${chosen}
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE ${within}
  UNION
  SELECT prorettype FROM callable
  UNION
  SELECT unnest(coalesce(proallargtypes, proargtypes::oid[])) FROM callable
  UNION
  SELECT a.atttypid
    FROM callable
    JOIN pg_catalog.pg_attribute a ON a.attrelid = callable.typrelid AND a.attnum > 0 AND NOT a.attisdropped
  UNION
  SELECT part.oid
    FROM used
    JOIN pg_catalog.pg_type t ON t.oid = used.oid
    CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) part (oid)
   WHERE part.oid <> 0
)
SELECT t.oid, n.nspname, t.typname, t.typtype, t.typcategory, e.oid,
       NULLIF(t.typbasetype, 0), CASE WHEN t.typbasetype <> 0 THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END,
       t.typnotnull, t.typdefault,
       CASE WHEN t.typtype = 'e' THEN
         (SELECT json_agg(v.enumlabel ORDER BY v.enumsortorder) FROM pg_catalog.pg_enum v WHERE v.enumtypid = t.oid)
       END
  FROM used
  JOIN pg_catalog.pg_type t ON t.oid = used.oid
  JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND e.typarray = t.oid
 ORDER BY n.nspname, t.typname`;

/**
 * Primary and foreign keys. For a foreign key that leads to a partitioned table Postgres keeps further rows, one for
 * each partition: they repeat the same key.
 */
export const constraints = `
SELECT c.oid, k.contype, k.conname,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.conkey) WITH ORDINALITY u (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.attnum),
       fn.nspname, f.relname,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(k.confkey) WITH ORDINALITY u (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.attnum)
${chosen}
  JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype IN ('p', 'f')
  LEFT JOIN pg_catalog.pg_class f ON f.oid = k.confrelid
  LEFT JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
  LEFT JOIN pg_catalog.pg_constraint up ON up.oid = k.conparentid
 WHERE ${within}
   AND (k.contype = 'p' OR up.oid IS NULL OR (up.conrelid <> k.conrelid AND up.confrelid = k.confrelid))
 ORDER BY c.oid, k.conname`;

/** An index that is not valid (a CREATE INDEX CONCURRENTLY that failed) proves nothing. */
export const indexes = `
SELECT c.oid, ic.relname, m.amname, i.indisunique, i.indpred IS NOT NULL OR i.indexprs IS NOT NULL, i.indisprimary,
       (SELECT json_agg(a.attname ORDER BY u.n) FROM unnest(i.indkey::int2[]) WITH ORDINALITY u (attnum, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
         WHERE u.n <= i.indnkeyatts)
${chosen}
  JOIN pg_catalog.pg_index i ON i.indrelid = c.oid AND i.indisvalid
  JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = ic.relam
 WHERE ${within}
 ORDER BY c.oid, ic.relname`;

/** What the query of each view needs, and each policy of row security; rules for writes are of no interest here. */
const needs = `
    JOIN pg_catalog.pg_class v ON v.oid = read.oid AND (v.relkind = 'v' OR v.relrowsecurity)
   CROSS JOIN LATERAL (
          SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid
            FROM pg_catalog.pg_rewrite w WHERE v.relkind = 'v' AND w.ev_class = v.oid AND w.ev_type = '1'
          UNION ALL
          SELECT 'pg_catalog.pg_policy'::regclass, p.oid
            FROM pg_catalog.pg_policy p WHERE v.relrowsecurity AND p.polrelid = v.oid
        ) w (classid, oid)
    JOIN pg_catalog.pg_depend d ON d.classid = w.classid AND d.objid = w.oid`;

/**
 * The views and the tables with row security of the schemas, and whatever these read, wherever it is. What the system's own views read is recorded by some
 * versions only, so none looks into them. A materialized view is read as it was stored.
 */
const reading = `
read (oid) AS (
  SELECT c.oid ${chosen} WHERE ${within} AND (c.relkind = 'v' OR c.relrowsecurity)
  UNION
  SELECT d.refobjid
    FROM read ${needs}
    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relnamespace <> 'pg_catalog'::regnamespace
   WHERE d.refclassid = 'pg_catalog.pg_class'::regclass
)`;

/**
 * Relations whose rows depend on who asks: views and policies of row security that ask for a setting or for the user, that
 * call a function which may ask, and those over such relations. An operator is the function behind it.
 */
export const asking = `
WITH RECURSIVE ${reading},
uses AS (
  SELECT v.oid, d.refclassid, d.refobjid
    FROM read ${needs}
),
asking (oid) AS (
  SELECT v.oid
    FROM read
    JOIN pg_catalog.pg_class v ON v.oid = read.oid
   CROSS JOIN LATERAL (
          SELECT pg_catalog.pg_get_viewdef(v.oid) WHERE v.relkind = 'v'
          UNION ALL
          SELECT pg_catalog.pg_get_expr(p.polqual, p.polrelid)
            FROM pg_catalog.pg_policy p WHERE v.relrowsecurity AND p.polrelid = v.oid
        ) said (text)
   WHERE said.text
         ~ '[[:<:]](current_setting[(]|(CURRENT_USER|CURRENT_ROLE|SESSION_USER|USER)[[:>:]])'
  UNION
  SELECT uses.oid
    FROM uses
    LEFT JOIN pg_catalog.pg_operator o
      ON uses.refclassid = 'pg_catalog.pg_operator'::regclass AND o.oid = uses.refobjid
    JOIN pg_catalog.pg_proc p
      ON p.oid = CASE uses.refclassid WHEN 'pg_catalog.pg_proc'::regclass THEN uses.refobjid ELSE o.oprcode END
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE p.provolatile <> 'i' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  UNION
  SELECT uses.oid
    FROM asking
    JOIN uses ON uses.refclassid = 'pg_catalog.pg_class'::regclass AND uses.refobjid = asking.oid
)
SELECT c.oid ${chosen} JOIN asking ON asking.oid = c.oid WHERE ${within}`;

/**
 * For each part of the catalog how many rows it has and the sum of the transactions that wrote them. Every change adds a
 * row with a younger transaction, or takes one away. ANALYZE and VACUUM write in place and are not seen. Relations of
 * other schemas count where views read them or functions speak of their rows.
 */
export const poll = `
WITH RECURSIVE ${reading},
routine AS (SELECT p.oid, p.xmin, p.prorettype, p.proallargtypes, p.proargtypes ${callable}),
chosen AS (
  SELECT c.oid ${chosen} WHERE ${within}
  UNION
  SELECT oid FROM read
  UNION
  SELECT t.typrelid
    FROM (SELECT prorettype FROM routine UNION SELECT unnest(coalesce(proallargtypes, proargtypes::oid[])) FROM routine) u (oid)
    JOIN pg_catalog.pg_type t ON t.oid = u.oid AND t.typrelid <> 0
)
SELECT concat_ws(' ',
  (SELECT {} FROM pg_catalog.pg_class r WHERE r.oid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_namespace r WHERE r.nspname::text = ANY ($1::text[])),
  (SELECT {} FROM pg_catalog.pg_attribute r WHERE r.attrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_attrdef r WHERE r.adrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_constraint r WHERE r.conrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_index r WHERE r.indrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_trigger r WHERE r.tgrelid IN (SELECT oid FROM chosen) AND NOT r.tgisinternal),
  (SELECT {} FROM pg_catalog.pg_policy r WHERE r.polrelid IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_rewrite r WHERE r.ev_class IN (SELECT oid FROM chosen)),
  (SELECT {} FROM pg_catalog.pg_description r
    WHERE (r.classoid = 'pg_catalog.pg_class'::regclass AND r.objoid IN (SELECT oid FROM chosen))
       OR (r.classoid = 'pg_catalog.pg_proc'::regclass AND r.objoid IN (SELECT oid FROM routine))),
  (SELECT {} FROM routine r),
  (SELECT {} FROM pg_catalog.pg_proc r
    WHERE r.oid IN (SELECT d.refobjid FROM read ${needs} WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass)),
  (SELECT {} FROM pg_catalog.pg_type r
    WHERE r.typtype IN ('d', 'e', 'r', 'm') OR (r.typtype = 'b' AND r.typelem = 0)
       OR (r.typtype = 'c' AND r.typrelid IN (SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'c'))),
  (SELECT {} FROM pg_catalog.pg_enum r))`.replaceAll(
  '{}',
  `count(*) || ':' || coalesce(sum(r.xmin::text::bigint), 0)`,
);
