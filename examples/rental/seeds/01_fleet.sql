INSERT INTO stations (id, name, city, opened_on, opens_at) VALUES
  (1, 'Harbour', 'Aarhus', '2019-04-01', '07:30:00'),
  (2, 'Old Mill', 'Aarhus', '2021-05-15', '08:00:00'),
  (3, 'Station Square', 'Ghent', '2020-03-20', '06:45:00');

INSERT INTO bikes (id, station_id, model, kind, extras, description, day_price, purchase_price, frame, retired, bought_at) VALUES
  (1, 1, 'Gull 3', 'city', 'basket,lights,lock', 'An easy bike for the harbour front and the market.', 14.00, 480.00, '{"size": 54, "material": "steel", "gears": 3}', 0, '2023-03-02 10:15:00.250'),
  (2, 1, 'Gull 7', 'city', 'lights,lock', 'Seven gears for the hills behind the town.', 16.50, 610.00, '{"size": 58, "material": "steel", "gears": 7}', 0, '2023-03-02 10:20:00'),
  (3, 1, 'Barge', 'cargo', 'child seat,lights,lock', 'Carries two children, or a week of shopping from the market.', 32.00, 2900.00, '{"size": 52, "material": "aluminium", "gears": 8}', 0, '2024-04-11 09:00:00'),
  (4, 2, 'Barge', 'cargo', 'lights,lock', 'Carries a sofa, if the sofa is small.', 30.00, 2750.00, '{"size": 52, "material": "aluminium", "gears": 8}', 0, '2024-04-11 09:05:00'),
  (5, 2, 'Ridge', 'mountain', '', 'For the forest; no lights, so be home before dark.', 24.00, 1340.00, '{"size": 56, "material": "carbon", "gears": 12}', 0, '2022-08-19 16:40:00'),
  (6, 3, 'Gull 3', 'city', 'basket,lights,lock', 'An easy bike for the canals.', 13.00, 480.00, '{"size": 54, "material": "steel", "gears": 3}', 0, '2023-03-02 10:25:00'),
  (7, 3, 'Duet', 'tandem', 'lights', 'For two who agree on where to go.', 28.50, 1900.00, '{"size": 57, "material": "steel", "gears": 9}', 0, '2021-06-30 12:00:00'),
  (8, 3, 'Gull 1', 'city', 'basket', 'Our first one. It has earned its rest.', 9.00, 300.00, '{"size": 54, "material": "steel", "gears": 1}', 1, '2019-03-28 08:00:00');
