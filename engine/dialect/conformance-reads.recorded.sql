-- What MariaDB and MySQL are sent for each construct of conformance-reads.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # places in JSON, selected
-- ## mariadb, mysql
SELECT CONCAT('{"a":', COALESCE(CASE WHEN CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."k"."a"')) USING utf8mb4) <> 'OBJECT' THEN JSON_EXTRACT(`t0`.`meta`, '$."k"."a"[0]') END, 'null'), ',"t":', COALESCE(JSON_QUOTE(CONVERT(CASE WHEN CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."k"."a"')) USING utf8mb4) <> 'OBJECT' THEN JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, CONCAT('$."k"."a"', '[', CASE WHEN JSON_LENGTH(`t0`.`meta`, '$."k"."a"') >= 1 THEN JSON_LENGTH(`t0`.`meta`, '$."k"."a"') - 1 ELSE JSON_LENGTH(`t0`.`meta`, '$."k"."a"') END, ']'))), 'null')) END USING utf8mb4)), 'null'), ',"r":', COALESCE(JSON_EXTRACT(`t0`.`raw`, '$."n"'), 'null'), ',"g":', COALESCE(JSON_QUOTE(CONVERT(CASE WHEN CONVERT(JSON_TYPE(COALESCE(CASE `t0`.`tags` WHEN '' THEN '[]' ELSE CONCAT('[', REPLACE(JSON_QUOTE(CONVERT(`t0`.`tags` USING utf8mb4)), ',', '","'), ']') END, 'null')) USING utf8mb4) <> 'OBJECT' THEN JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(COALESCE(CASE `t0`.`tags` WHEN '' THEN '[]' ELSE CONCAT('[', REPLACE(JSON_QUOTE(CONVERT(`t0`.`tags` USING utf8mb4)), ',', '","'), ']') END, 'null'), '$[0]')), 'null')) END USING utf8mb4)), 'null'), ',"q":', COALESCE(JSON_QUOTE(CONVERT(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, _utf8mb4 X'242e226f276b5c2222')), 'null')) USING utf8mb4)), 'null'), '}') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1;
-- []

-- # places in JSON, compared and ordered by
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN CASE WHEN CASE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END <> CASE CONVERT(JSON_TYPE(CAST(? AS CHAR)) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END THEN CASE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END > CASE CONVERT(JSON_TYPE(CAST(? AS CHAR)) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END
    WHEN CASE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END = 1 THEN 0 > 0
    WHEN CASE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END = 2 THEN CONVERT(JSON_UNQUOTE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) COLLATE utf8mb4_bin > CONVERT(JSON_UNQUOTE(CAST(? AS CHAR)) USING utf8mb4) COLLATE utf8mb4_bin
    WHEN CASE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END = 3 AND CAST(CONVERT(JSON_UNQUOTE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) AS DOUBLE) <> CAST(CONVERT(JSON_UNQUOTE(CAST(? AS CHAR)) USING utf8mb4) AS DOUBLE) THEN CAST(CONVERT(JSON_UNQUOTE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) AS DOUBLE) > CAST(CONVERT(JSON_UNQUOTE(CAST(? AS CHAR)) USING utf8mb4) AS DOUBLE)
    WHEN CASE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END = 3 THEN CAST(CONVERT(JSON_UNQUOTE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) AS DECIMAL(65, 30)) > CAST(CONVERT(JSON_UNQUOTE(CAST(? AS CHAR)) USING utf8mb4) AS DECIMAL(65, 30))
    WHEN CASE CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) WHEN 'NULL' THEN 1 WHEN 'STRING' THEN 2 WHEN 'BOOLEAN' THEN 4 WHEN 'ARRAY' THEN 5 WHEN 'OBJECT' THEN 6 WHEN 'INTEGER' THEN 3 WHEN 'UNSIGNED INTEGER' THEN 3 WHEN 'DOUBLE' THEN 3 WHEN 'DECIMAL' THEN 3 END = 4 THEN (CONVERT(JSON_UNQUOTE(JSON_EXTRACT(`t0`.`meta`, '$."n"')) USING utf8mb4) = 'true') > (CONVERT(JSON_UNQUOTE(CAST(? AS CHAR)) USING utf8mb4) = 'true') END AND CAST(CONVERT(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) USING utf8mb4) AS BINARY) IN (SELECT CAST(CONVERT(list.v USING utf8mb4) AS BINARY) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND JSON_EXTRACT(`t0`.`raw`, '$."n"') IS NULL ELSE false END) ORDER BY JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) DESC LIMIT 1000;
-- ["me","me","me","me","6","6","6","6","6","6","6",["12","7"]]

-- # casts
-- ## mariadb, mysql
SELECT CONCAT('{"price":', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t0`.`price`) USING utf8mb4)), 'null'), ',"n":', COALESCE(CASE WHEN JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) IS NULL THEN NULL WHEN CASE WHEN JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) REGEXP '^[[:space:]]*[+-]?[0-9]{1,30}[[:space:]]*$' THEN CAST(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) AS DECIMAL(65,0)) BETWEEN -2147483648 AND 2147483647 END THEN CAST(CAST(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) AS DECIMAL(65,0)) AS SIGNED) ELSE CAST(EXP(710 + CHAR_LENGTH(CONCAT(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null'))))) AS SIGNED) END, 'null'), '}') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1;
-- []

-- # a cast to a list
-- ## mariadb, mysql
-- nothing

-- # any and all of a list
-- ## mariadb
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (`t0`.`id` IN (SELECT CAST(list.v AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND (SELECT CASE WHEN MIN((`t0`.`title` LIKE list.v COLLATE `utf8mb4_bin` AND CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin LIKE CONVERT(list.v USING utf8mb4) COLLATE utf8mb4_bin)) = 0 THEN 0 WHEN COUNT((`t0`.`title` LIKE list.v COLLATE `utf8mb4_bin` AND CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin LIKE CONVERT(list.v USING utf8mb4) COLLATE utf8mb4_bin)) < COUNT(*) THEN NULL ELSE 1 END FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND (SELECT CASE WHEN MAX((CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin REGEXP CONVERT(CONCAT('(?s)', list.v) USING utf8mb4) COLLATE utf8mb4_bin)) = 1 THEN 1 WHEN COUNT((CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin REGEXP CONVERT(CONCAT('(?s)', list.v) USING utf8mb4) COLLATE utf8mb4_bin)) < COUNT(*) THEN NULL ELSE 0 END FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list)) ORDER BY `t0`.`id` LIMIT 1000;
-- [["1","2","3"],["%e%","T%"],["^T","^O"]]
-- ## mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE (`t0`.`id` IN (SELECT CAST(list.v AS SIGNED) FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND (SELECT CASE WHEN MIN((`t0`.`title` LIKE list.v COLLATE `utf8mb4_bin` AND CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin LIKE CONVERT(list.v USING utf8mb4) COLLATE utf8mb4_bin)) = 0 THEN 0 WHEN COUNT((`t0`.`title` LIKE list.v COLLATE `utf8mb4_bin` AND CONVERT(`t0`.`title` USING utf8mb4) COLLATE utf8mb4_bin LIKE CONVERT(list.v USING utf8mb4) COLLATE utf8mb4_bin)) < COUNT(*) THEN NULL ELSE 1 END FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list) AND (SELECT CASE WHEN MAX(REGEXP_LIKE(CONVERT(`t0`.`title` USING utf8mb4), CONCAT('(?s)', list.v), 'c')) = 1 THEN 1 WHEN COUNT(REGEXP_LIKE(CONVERT(`t0`.`title` USING utf8mb4), CONCAT('(?s)', list.v), 'c')) < COUNT(*) THEN NULL ELSE 0 END FROM JSON_TABLE(?, '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS list)) ORDER BY `t0`.`id` LIMIT 1000;
-- [["1","2","3"],["%e%","T%"],["^T","^O"]]

-- # searches of a vector
-- ## mariadb, mysql
-- nothing

-- # a search of a text stands behind the row filter
-- ## mariadb, mysql
-- nothing

-- # searches of words in every form, with no language
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND (MATCH (`t0`.`words`) AGAINST (? IN BOOLEAN MODE) > 0) AND (MATCH (`t0`.`words`) AGAINST (? IN BOOLEAN MODE) > 0) AND (MATCH (`t0`.`words`) AGAINST (? IN BOOLEAN MODE) > 0) AND (NOT CASE WHEN `t0`.`words` IS NOT NULL THEN (MATCH (`t0`.`words`) AGAINST (? IN BOOLEAN MODE) > 0) END)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["me","me","+ship +one","+ship","\"one ship\"","two \"three ships\""]

-- # ranges
-- ## mariadb, mysql
-- nothing

-- # a range to the right
-- ## mariadb, mysql
-- nothing

-- # a list that overlaps, and what is distinct
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE ((NOT CASE WHEN `t0`.`tags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`tags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) > 0 END) AND NOT COALESCE((`t0`.`year` = CAST(CAST(? AS CHAR) AS SIGNED)), `t0`.`year` IS NULL AND CAST(? AS CHAR) IS NULL)) ORDER BY `t0`.`id` LIMIT 1000;
-- ["a,x","a,x","a,x","2001","2001"]

-- # a level of groups, with having and orders
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"author_id":', COALESCE(`t2`.`c0`, 'null'), ',"count":', COALESCE(`t2`.`c1`, 'null'), ',"sum":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c2` USING utf8mb4)), 'null'), ',"n":', COALESCE(`t2`.`c3`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t1`.`g0` AS `c0`, COUNT(*) AS `c1`, CONCAT(SUM(`t1`.`g1`)) AS `c2`, MAX(`t1`.`g2`) AS `c3` FROM (SELECT `t0`.`author_id` AS `g0`, `t0`.`price` AS `g1`, CASE WHEN JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) IS NULL THEN NULL WHEN CASE WHEN JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) REGEXP '^[[:space:]]*[+-]?[0-9]{1,30}[[:space:]]*$' THEN CAST(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) AS DECIMAL(65,0)) BETWEEN -2147483648 AND 2147483647 END THEN CAST(CAST(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null')) AS DECIMAL(65,0)) AS SIGNED) ELSE CAST(EXP(710 + CHAR_LENGTH(CONCAT(JSON_UNQUOTE(NULLIF(CONCAT(JSON_EXTRACT(`t0`.`meta`, '$."n"')), 'null'))))) AS SIGNED) END AS `g2`, `t0`.`price` AS `g3`, `t0`.`price` AS `g4` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) AS `t1` GROUP BY `t1`.`g0` HAVING (COUNT(*) >= CAST(CAST(? AS CHAR) AS SIGNED) AND (NOT AVG(CAST(`t1`.`g4` AS DECIMAL(65, 12))) IS NULL)) ORDER BY SUM(`t1`.`g3`) IS NULL DESC, SUM(`t1`.`g3`) DESC, `t1`.`g0` IS NULL, `t1`.`g0`, `t1`.`g0` IS NULL, `t1`.`g0` LIMIT 5) AS `t2`;
-- ["me","me","1"]

-- # the number of rows
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"count":', COALESCE(`t2`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*), (SELECT COUNT(*) FROM (SELECT COUNT(*) AS `c0` FROM (SELECT 1 AS g FROM `books` AS `t3` WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) AS `t4` HAVING COUNT(*) >= 0) AS `t5`) FROM (SELECT COUNT(*) AS `c0` FROM (SELECT 1 AS g FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) AS `t1` HAVING COUNT(*) >= 0 LIMIT 1000) AS `t2`;
-- ["me","me","me","me"]

-- # groups by the type json
-- ## mariadb
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"raw":', COALESCE(`t2`.`c0`, 'null'), ',"count":', COALESCE(`t2`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT MIN(CONCAT(`t1`.`g1`)) AS `c0`, COUNT(*) AS `c1` FROM (SELECT JSON_NORMALIZE(`t0`.`raw`) AS `g0`, `t0`.`raw` AS `g1` FROM `books` AS `t0` WHERE (true)) AS `t1` GROUP BY `t1`.`g0` ORDER BY COUNT(*) DESC, MIN(CONCAT(`t1`.`g1`)) IS NULL, MIN(CONCAT(`t1`.`g1`)) LIMIT 1000) AS `t2`;
-- []
-- ## mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"raw":', COALESCE(`t2`.`c0`, 'null'), ',"count":', COALESCE(`t2`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT MIN(CONCAT(`t1`.`g0`)) AS `c0`, COUNT(*) AS `c1` FROM (SELECT `t0`.`raw` AS `g0` FROM `books` AS `t0` WHERE (true)) AS `t1` GROUP BY `t1`.`g0` ORDER BY COUNT(*) DESC, MIN(CONCAT(`t1`.`g0`)) IS NULL, MIN(CONCAT(`t1`.`g0`)) LIMIT 1000) AS `t2`;
-- []

-- # aggregates of what is embedded
-- ## mariadb
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), ',"reviews":', COALESCE(`t3`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"avg":', COALESCE(CASE WHEN LOCATE('.', (SELECT AVG(CAST(`t1`.`stars` AS DECIMAL(65, 12))) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true) AND `t2`.c = 1)) > 0 THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM (SELECT AVG(CAST(`t1`.`stars` AS DECIMAL(65, 12))) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true) AND `t2`.c = 1))) ELSE CONCAT((SELECT AVG(CAST(`t1`.`stars` AS DECIMAL(65, 12))) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true) AND `t2`.c = 1)) END, 'null'), ',"count":', COALESCE((SELECT COUNT(*) FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true) AND `t2`.c = 1), 'null'), '}') SEPARATOR ',' LIMIT 1000), ''), ']') FROM (SELECT 1 AS c) AS `t2` WHERE true) AS `c1` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000) AS `t3`;
-- ["me","me"]
-- ## mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"reviews":', COALESCE(`t4`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"avg":', COALESCE(CASE WHEN LOCATE('.', `t3`.`c0`) > 0 THEN TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM `t3`.`c0`)) ELSE CONCAT(`t3`.`c0`) END, 'null'), ',"count":', COALESCE(`t3`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']') FROM (SELECT AVG(CAST(`t2`.`g0` AS DECIMAL(65, 12))) AS `c0`, COUNT(*) AS `c1` FROM (SELECT `t1`.`stars` AS `g0` FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true)) AS `t2` HAVING COUNT(*) >= 0 LIMIT 1000) AS `t3`) AS `c1` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000) AS `t4`;
-- ["me","me"]

-- # spread of one
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t2`.`c0`, 'null'), ',"author":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c1` USING utf8mb4)), 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT `t1`.`name` FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) LIMIT 1) AS `c1` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000) AS `t2`;
-- ["me","me","me","me"]

-- # spread of many
-- ## mariadb
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), ',"stars":', COALESCE(`t3`.`c1`, 'null'), ',"ids":', COALESCE(`t3`.`c2`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, JSON_UNQUOTE(JSON_EXTRACT((SELECT CONCAT('[', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t2`.`c0`, 'null') ORDER BY `t2`.`i` SEPARATOR ','), ''), ']')), ',', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t2`.`c1`, 'null') ORDER BY `t2`.`i` SEPARATOR ','), ''), ']')), ']') FROM JSON_TABLE((SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t1`.`stars`) USING utf8mb4)), 'null'), ',', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t1`.`id`) USING utf8mb4)), 'null'), ']') ORDER BY `t1`.`stars` IS NULL, `t1`.`stars` SEPARATOR ',' LIMIT 9), ''), ']') FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true)), '$[*]' COLUMNS (`i` FOR ORDINALITY, `c0` BIGINT PATH '$[0]', `c1` BIGINT PATH '$[1]')) AS `t2` WHERE true), '$[0]')) AS `c1`, JSON_UNQUOTE(JSON_EXTRACT((SELECT CONCAT('[', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t2`.`c0`, 'null') ORDER BY `t2`.`i` SEPARATOR ','), ''), ']')), ',', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t2`.`c1`, 'null') ORDER BY `t2`.`i` SEPARATOR ','), ''), ']')), ']') FROM JSON_TABLE((SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t1`.`stars`) USING utf8mb4)), 'null'), ',', COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t1`.`id`) USING utf8mb4)), 'null'), ']') ORDER BY `t1`.`stars` IS NULL, `t1`.`stars` SEPARATOR ',' LIMIT 9), ''), ']') FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true)), '$[*]' COLUMNS (`i` FOR ORDINALITY, `c0` BIGINT PATH '$[0]', `c1` BIGINT PATH '$[1]')) AS `t2` WHERE true), '$[1]')) AS `c2` FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1000) AS `t3`;
-- []
-- ## mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"stars":', COALESCE(`t4`.`c1`, 'null'), ',"ids":', COALESCE(`t4`.`c2`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, JSON_UNQUOTE(JSON_EXTRACT((SELECT CONCAT('[', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t3`.`c0`, 'null') ORDER BY `t3`.`i` SEPARATOR ','), ''), ']')), ',', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t3`.`c1`, 'null') ORDER BY `t3`.`i` SEPARATOR ','), ''), ']')), ']') FROM (SELECT `t2`.`c0`, `t2`.`c1`, ROW_NUMBER() OVER ( ORDER BY `t2`.`k0` IS NULL, `t2`.`k0`) AS `i` FROM (SELECT `t1`.`stars` AS `c0`, `t1`.`id` AS `c1`, `t1`.`stars` AS `k0` FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true) ORDER BY `t1`.`stars` IS NULL, `t1`.`stars` LIMIT 9) AS `t2`) AS `t3` WHERE true), '$[0]')) AS `c1`, JSON_UNQUOTE(JSON_EXTRACT((SELECT CONCAT('[', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t3`.`c0`, 'null') ORDER BY `t3`.`i` SEPARATOR ','), ''), ']')), ',', JSON_QUOTE(CONCAT('[', COALESCE(GROUP_CONCAT(COALESCE(`t3`.`c1`, 'null') ORDER BY `t3`.`i` SEPARATOR ','), ''), ']')), ']') FROM (SELECT `t2`.`c0`, `t2`.`c1`, ROW_NUMBER() OVER ( ORDER BY `t2`.`k0` IS NULL, `t2`.`k0`) AS `i` FROM (SELECT `t1`.`stars` AS `c0`, `t1`.`id` AS `c1`, `t1`.`stars` AS `k0` FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true) ORDER BY `t1`.`stars` IS NULL, `t1`.`stars` LIMIT 9) AS `t2`) AS `t3` WHERE true), '$[1]')) AS `c2` FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1000) AS `t4`;
-- []

-- # groups by what is spread
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"name":', COALESCE(JSON_QUOTE(CONVERT(`t3`.`c0` USING utf8mb4)), 'null'), ',"count":', COALESCE(`t3`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT CONVERT(MIN(CAST(CONVERT(`t2`.`g0` USING utf8mb4) AS BINARY)) USING utf8mb4) AS `c0`, COUNT(*) AS `c1` FROM (SELECT (SELECT `t1`.`name` FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (true) LIMIT 1) AS `g0` FROM `books` AS `t0` WHERE (true)) AS `t2` GROUP BY `t2`.`g0` ORDER BY `t2`.`g0` IS NULL DESC, `t2`.`g0` DESC, `t2`.`g0` IS NULL, `t2`.`g0` LIMIT 1000) AS `t3`;
-- []

-- # a computed field, selected, compared behind the row filter and ordered by
-- ## mariadb, mysql
-- nothing

-- # a computed relationship of one row, with the far row filter
-- ## mariadb, mysql
-- nothing

-- # a computed relationship of many rows
-- ## mariadb, mysql
-- nothing

-- # without nulls
-- ## mariadb, mysql
SELECT CONCAT('{', SUBSTRING(CONCAT(COALESCE(CONCAT(',"id":', NULLIF(CONCAT(`t0`.`id`), 'null')), ''), COALESCE(CONCAT(',"year":', NULLIF(CONCAT(`t0`.`year`), 'null')), '')), 2), '}') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1000;
-- []

-- # the last key of a page, from selected columns
-- ## mariadb, mysql
SELECT CONCAT('{"title":', COALESCE(JSON_QUOTE(CONVERT(`t0`.`title` USING utf8mb4)), 'null'), ',"id":', COALESCE(`t0`.`id`, 'null'), '}'), CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(`t0`.`title` USING utf8mb4)), 'null'), ',', COALESCE(JSON_QUOTE(CONCAT(`t0`.`id`)), 'null'), ']') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`title` IS NULL DESC, `t0`.`title` DESC, `t0`.`id` LIMIT 2;
-- []

-- # the last key of a page, from hidden columns
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(JSON_QUOTE(CONVERT(`t0`.`title` USING utf8mb4)), 'null'), '}'), CONCAT('[', COALESCE(JSON_QUOTE(CONCAT(`t0`.`year`)), 'null'), ',', COALESCE(JSON_QUOTE(CONCAT(`t0`.`id`)), 'null'), ']') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`year` DESC, `t0`.`id` LIMIT 2 OFFSET ?;
-- ["1"]

-- # a planned count
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) ORDER BY `t0`.`id` LIMIT 1000;
-- ["1"]

-- # an estimated count: exact up to a number of rows
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*), (SELECT COUNT(*) FROM (SELECT 1 FROM `books` AS `t2` WHERE `t2`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) LIMIT 1001) AS `t3`) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) ORDER BY `t0`.`id` LIMIT 1000) AS `t1`;
-- ["1","1"]

-- # an estimated count where rows are hidden is exact
-- ## mariadb, mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*), (SELECT COUNT(*) FROM `books` AS `t2` WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1000) AS `t1`;
-- ["me","me","me","me"]

-- # rows to be locked
-- ## mariadb, mysql
SELECT 1 FROM `books` AS `t1` WHERE ((`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND (`t1`.`id` = CAST(CAST(? AS CHAR) AS SIGNED))) FOR UPDATE;
-- ["me","me","1"]

-- # a stream of JSON
-- ## mariadb, mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), ',"title":', COALESCE(JSON_QUOTE(CONVERT(`t0`.`title` USING utf8mb4)), 'null'), '}') FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 5000;
-- ["me","me"]

-- # a stream of JSON whose values may hold line feeds
-- ## mariadb, mysql
SELECT REPLACE(CONCAT('{"raw":', COALESCE(`t0`.`raw`, 'null'), '}'), '
', ' ') FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1;
-- []

-- # a stream of CSV, counted
-- ## mariadb, mysql
SELECT CONCAT(`t0`.`id`), CONCAT(`t0`.`price`), CONCAT('{', CONVERT(`t0`.`tags` USING utf8mb4), '}'), CONCAT((SELECT CONCAT('{"name":', COALESCE(JSON_QUOTE(CONVERT(`t1`.`name` USING utf8mb4)), 'null'), '}') FROM `authors` AS `t1` WHERE `t1`.`id` = `t0`.`author_id` AND (`t1`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t1`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) LIMIT 1)), (SELECT COUNT(*) FROM `books` AS `t2` WHERE (`t2`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t2`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))) FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 5000;
-- ["me","me","me","me","me","me"]
