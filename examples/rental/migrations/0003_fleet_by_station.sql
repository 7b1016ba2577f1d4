CREATE VIEW fleet_by_station AS
SELECT station_id, kind, COUNT(*) AS bikes, MIN(day_price) AS cheapest
  FROM bikes
 WHERE NOT retired
 GROUP BY station_id, kind;
