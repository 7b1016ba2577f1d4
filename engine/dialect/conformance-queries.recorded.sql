-- What MariaDB and MySQL are sent for each construct of conformance-queries.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # aggregates over the rows of a function, which runs once
-- ## mariadb, mysql
-- nothing

-- # a function of one row that finds none
-- ## mariadb, mysql
-- nothing

-- # a scalar as a string
-- ## mariadb, mysql
SELECT COALESCE(JSON_QUOTE(CONVERT(CONCAT(`t0`.`value`) USING utf8mb4)), 'null'), 1, NULL FROM (SELECT `big`() AS `value` LIMIT 1) AS `t0`;
-- []
SELECT CONCAT(@novastack_status), CONCAT(@novastack_headers);
-- []

-- # a page behind a row, with its cursors and the number of all rows
-- ## mariadb, mysql
SELECT (SELECT CONCAT('{"edges":', COALESCE(CONCAT('[', COALESCE(GROUP_CONCAT(CASE WHEN `t2`.`i` <= 1 THEN CONCAT('{"node":', COALESCE(`t2`.`c1`, 'null'), ',"cursor":', COALESCE(JSON_QUOTE(CONVERT(`t2`.`c0` USING utf8mb4)), 'null'), '}') END ORDER BY `t2`.`i` SEPARATOR ','), ''), ']'), 'null'), ',"pageInfo":', CONCAT('{"hasNextPage":', COALESCE(CASE WHEN COUNT(*) > 1 THEN 'true' ELSE 'false' END, 'null'), ',"hasPreviousPage":', COALESCE(CASE WHEN true THEN 'true' ELSE 'false' END, 'null'), ',"startCursor":', COALESCE(JSON_QUOTE(CONVERT(MAX(CASE WHEN `t2`.`i` = 1 THEN `t2`.`c0` END) USING utf8mb4)), 'null'), ',"endCursor":', COALESCE(JSON_QUOTE(CONVERT(SUBSTRING_INDEX(GROUP_CONCAT(CASE WHEN `t2`.`i` <= 1 THEN `t2`.`c0` END ORDER BY `t2`.`i` DESC SEPARATOR ','), ',', 1) USING utf8mb4)), 'null'), '}'), ',"totalCount":', COALESCE((SELECT COUNT(*) FROM `books` AS `t3` WHERE (`t3`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t3`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), 'null'), '}') FROM (SELECT `t1`.`c0`, `t1`.`c1`, ROW_NUMBER() OVER ( ORDER BY `t1`.`k0`) AS `i` FROM (SELECT REPLACE(REPLACE(REPLACE(REPLACE(TO_BASE64(CONCAT('["b"', ', ', COALESCE(JSON_QUOTE(CONCAT(`t0`.`id`)), 'null'), ']')), CHAR(10 USING utf8mb4), ''), '+', '-'), '/', '_'), '=', '') AS `c0`, CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') AS `c1`, `t0`.`id` AS `k0` FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED)) ORDER BY `t0`.`id` LIMIT 2) AS `t1`) AS `t2` WHERE true), 1;
-- ["me","me","me","me","1"]

-- # a number of rows alone reads no page
-- ## mariadb, mysql
SELECT CONCAT('{"n":', COALESCE((SELECT COUNT(*) FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY))), 'null'), '}'), 1;
-- ["me","me"]

-- # pages backwards of related rows, each edge of its own form
-- ## mariadb
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t3`.`c0`, 'null'), ',"reviews":', COALESCE(`t3`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('{"edges":', COALESCE(CONCAT('[', COALESCE(GROUP_CONCAT(CASE WHEN `t2`.`i` <= 1 THEN CONCAT('{"node":', COALESCE(`t2`.`c1`, 'null'), '}') END ORDER BY `t2`.`i` DESC SEPARATOR ','), ''), ']'), 'null'), ',"bare":', COALESCE(CONCAT('[', COALESCE(GROUP_CONCAT(CASE WHEN `t2`.`i` <= 1 THEN CONCAT('{"__typename":', COALESCE(JSON_QUOTE(CONVERT('reviewsEdge' USING utf8mb4)), 'null'), '}') END ORDER BY `t2`.`i` DESC SEPARATOR ','), ''), ']'), 'null'), ',"p":', CONCAT('{"more":', COALESCE(CASE WHEN COUNT(*) > 1 THEN 'true' ELSE 'false' END, 'null'), '}'), '}') FROM JSON_TABLE((SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('[', COALESCE(JSON_QUOTE(CONVERT(CONCAT(NULL) USING utf8mb4)), 'null'), ',', COALESCE(JSON_QUOTE(CONVERT(CONCAT(CONCAT('{"id":', COALESCE(`t1`.`id`, 'null'), '}')) USING utf8mb4)), 'null'), ']') ORDER BY `t1`.`id` DESC SEPARATOR ',' LIMIT 2), ''), ']') FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true)), '$[*]' COLUMNS (`i` FOR ORDINALITY, `c0` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]', `c1` LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[1]')) AS `t2` WHERE true) AS `c1` FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1000) AS `t3`;
-- []
-- ## mysql
SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t4`.`c0`, 'null'), ',"reviews":', COALESCE(`t4`.`c1`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0`, (SELECT CONCAT('{"edges":', COALESCE(CONCAT('[', COALESCE(GROUP_CONCAT(CASE WHEN `t3`.`i` <= 1 THEN CONCAT('{"node":', COALESCE(`t3`.`c1`, 'null'), '}') END ORDER BY `t3`.`i` DESC SEPARATOR ','), ''), ']'), 'null'), ',"bare":', COALESCE(CONCAT('[', COALESCE(GROUP_CONCAT(CASE WHEN `t3`.`i` <= 1 THEN CONCAT('{"__typename":', COALESCE(JSON_QUOTE(CONVERT('reviewsEdge' USING utf8mb4)), 'null'), '}') END ORDER BY `t3`.`i` DESC SEPARATOR ','), ''), ']'), 'null'), ',"p":', CONCAT('{"more":', COALESCE(CASE WHEN COUNT(*) > 1 THEN 'true' ELSE 'false' END, 'null'), '}'), '}') FROM (SELECT `t2`.`c0`, `t2`.`c1`, ROW_NUMBER() OVER ( ORDER BY `t2`.`k0` DESC) AS `i` FROM (SELECT NULL AS `c0`, CONCAT('{"id":', COALESCE(`t1`.`id`, 'null'), '}') AS `c1`, `t1`.`id` AS `k0` FROM `reviews` AS `t1` WHERE `t1`.`book_id` = `t0`.`id` AND (true) ORDER BY `t1`.`id` DESC LIMIT 2) AS `t2`) AS `t3` WHERE true) AS `c1` FROM `books` AS `t0` WHERE (true) ORDER BY `t0`.`id` LIMIT 1000) AS `t4`;
-- []

-- # the text of JSON by a pattern, behind the policy
-- ## mariadb
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN (CONVERT(CONCAT(`t0`.`meta`) USING utf8mb4) COLLATE utf8mb4_bin REGEXP CONVERT(CONCAT('(?s)', CAST(? AS CHAR)) USING utf8mb4) COLLATE utf8mb4_bin) ELSE false END) LIMIT 1000;
-- ["me","me","me","me","\"k\""]
-- ## mysql
SELECT CONCAT('{"id":', COALESCE(`t0`.`id`, 'null'), '}') FROM `books` AS `t0` WHERE ((`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) AND CASE WHEN (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) THEN REGEXP_LIKE(CONVERT(CONCAT(`t0`.`meta`) USING utf8mb4), CONCAT('(?s)', CAST(? AS CHAR)), 'c') ELSE false END) LIMIT 1000;
-- ["me","me","me","me","\"k\""]

-- # a value in JSON by its path
-- ## mariadb, mysql
SELECT CONCAT('{"k":', COALESCE(CASE WHEN CONVERT(JSON_TYPE(JSON_EXTRACT(`t0`.`meta`, '$."k"')) USING utf8mb4) <> 'OBJECT' THEN JSON_EXTRACT(`t0`.`meta`, '$."k"[0]') END, 'null'), '}') FROM `books` AS `t0` WHERE (true) LIMIT 1;
-- []
