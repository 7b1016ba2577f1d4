-- What MariaDB and MySQL are sent for each construct of conformance-polls.test.ts: each statement, and its parameters below it.
-- Recorded by NOVASTACK_RECORD=1, to be read in a review; what the servers answer stands in the test.

-- # changes: a row for each whose answer is another than it had
-- ## mariadb, mysql
WITH `told1` (body, n) AS (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1 OFFSET ?) AS `t1` LIMIT 1), `told2` (body, n) AS (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*) FROM (SELECT `t0`.`id` AS `c0` FROM `books` AS `t0` WHERE (`t0`.`owner` = CAST(? AS CHAR) COLLATE `utf8mb4_bin` AND CAST(CONVERT(`t0`.`owner` USING utf8mb4) AS BINARY) = CAST(CONVERT(CAST(? AS CHAR) USING utf8mb4) AS BINARY)) ORDER BY `t0`.`id` LIMIT 1 OFFSET ?) AS `t1` LIMIT 1) SELECT 1, body, SHA2(body, 256) FROM `told1` WHERE NOT (SHA2(body, 256) <=> ?) UNION ALL SELECT 2, body, SHA2(body, 256) FROM `told2` WHERE NOT (SHA2(body, 256) <=> ?);
-- ["me","me","1","you","you","0",null,null]

-- # changes of an aggregate, with a list among the values
-- ## mariadb, mysql
WITH `told1` (body, n) AS (SELECT CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"count":', COALESCE(COUNT(*), 'null'), '}') FROM `books` AS `t0` WHERE CASE WHEN `t0`.`tags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`tags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) = IF(CONVERT(CAST(? AS CHAR) USING utf8mb4) = '', 0, CHAR_LENGTH(CONVERT(CAST(? AS CHAR) USING utf8mb4)) - CHAR_LENGTH(REPLACE(CONVERT(CAST(? AS CHAR) USING utf8mb4), ',', '')) + 1) END), 'null'), '}'), 1 LIMIT 1), `told2` (body, n) AS (SELECT CONCAT('{"aggregate":', COALESCE((SELECT CONCAT('{"count":', COALESCE(COUNT(*), 'null'), '}') FROM `books` AS `t0` WHERE CASE WHEN `t0`.`tags` IS NOT NULL AND CAST(? AS CHAR) IS NOT NULL THEN (SELECT COUNT(NULLIF(FIND_IN_SET(CONVERT(labels.v USING utf8mb4) COLLATE utf8mb4_bin, CONVERT(`t0`.`tags` USING utf8mb4) COLLATE utf8mb4_bin), 0)) FROM JSON_TABLE(CONCAT('[', IF(CAST(? AS CHAR) = '', '', REPLACE(CONVERT(JSON_QUOTE(CONVERT(CAST(? AS CHAR) USING utf8mb4)) USING utf8mb4), ',', '","')), ']'), '$[*]' COLUMNS (v LONGTEXT CHARACTER SET utf8mb4 PATH '$')) AS labels) = IF(CONVERT(CAST(? AS CHAR) USING utf8mb4) = '', 0, CHAR_LENGTH(CONVERT(CAST(? AS CHAR) USING utf8mb4)) - CHAR_LENGTH(REPLACE(CONVERT(CAST(? AS CHAR) USING utf8mb4), ',', '')) + 1) END), 'null'), '}'), 1 LIMIT 1) SELECT 1, body, SHA2(body, 256) FROM `told1` WHERE NOT (SHA2(body, 256) <=> ?) UNION ALL SELECT 2, body, SHA2(body, 256) FROM `told2` WHERE NOT (SHA2(body, 256) <=> ?);
-- ["a","a","a","a","a","a","b c","b c","b c","b c","b c","b c",null,null]

-- # arrivals: a row for each who has rows, with the place of the last
-- ## mariadb, mysql
WITH `told1` (body, n, last) AS (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*), SUBSTRING_INDEX(GROUP_CONCAT(`t1`.`h0` SEPARATOR '
'), '
', -1) FROM (SELECT `t0`.`id` AS `c0`, CONCAT('[', COALESCE(JSON_QUOTE(CONCAT(`t0`.`id`)), 'null'), ']') AS `h0` FROM `books` AS `t0` WHERE `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) ORDER BY `t0`.`id` LIMIT 2) AS `t1` LIMIT 1), `told2` (body, n, last) AS (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*), SUBSTRING_INDEX(GROUP_CONCAT(`t1`.`h0` SEPARATOR '
'), '
', -1) FROM (SELECT `t0`.`id` AS `c0`, CONCAT('[', COALESCE(JSON_QUOTE(CONCAT(`t0`.`id`)), 'null'), ']') AS `h0` FROM `books` AS `t0` WHERE `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) ORDER BY `t0`.`id` LIMIT 2) AS `t1` LIMIT 1) SELECT 1, body, last FROM `told1` WHERE n > 0 UNION ALL SELECT 2, body, last FROM `told2` WHERE n > 0;
-- ["0","3"]
WITH `told1` (body, n, last) AS (SELECT CONCAT('[', COALESCE(GROUP_CONCAT(CONCAT('{"id":', COALESCE(`t1`.`c0`, 'null'), '}') SEPARATOR ','), ''), ']'), COUNT(*), SUBSTRING_INDEX(GROUP_CONCAT(`t1`.`h0` SEPARATOR '
'), '
', -1) FROM (SELECT `t0`.`id` AS `c0`, CONCAT('[', COALESCE(JSON_QUOTE(CONCAT(`t0`.`id`)), 'null'), ']') AS `h0` FROM `books` AS `t0` WHERE `t0`.`id` > CAST(CAST(? AS CHAR) AS SIGNED) ORDER BY `t0`.`id` LIMIT 2) AS `t1` LIMIT 1) SELECT 1, body, last FROM `told1` WHERE n > 0;
-- ["2"]
