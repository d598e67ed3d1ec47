-- Every contribution by metric, with the amount that it adds.
CREATE OR REPLACE VIEW marks AS
SELECT 'commits' AS metric, user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) / shares AS amount
FROM records
UNION ALL
SELECT 'lines', user_id, company, module, release, moment, CAST(loc AS DOUBLE PRECISION) / shares FROM records
UNION ALL
SELECT 'own-lines', user_id, company, module, release, moment, CAST(own_loc AS DOUBLE PRECISION) / shares FROM records
UNION ALL
SELECT 'changes', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM opened
UNION ALL
SELECT 'patch-sets', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM uploads
UNION ALL
SELECT 'reviews', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION)
FROM reviews WHERE kind IN ('review', 'abandon')
UNION ALL
SELECT 'disagreements', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION)
FROM reviews WHERE disagrees = 1
UNION ALL
SELECT 'messages', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM letters
UNION ALL
SELECT 'talks', user_id, company, module, release, moment, CAST(1.0 AS DOUBLE PRECISION) FROM talked;

-- Every activity, counted or not, of which active days and hours are made.
CREATE OR REPLACE VIEW acts AS
SELECT user_id, company, module, release, moment FROM records
UNION ALL SELECT user_id, company, module, release, moment FROM opened
UNION ALL SELECT user_id, company, module, release, moment FROM uploads
UNION ALL SELECT user_id, company, module, release, moment FROM reviews
UNION ALL SELECT user_id, company, module, release, moment FROM letters
UNION ALL SELECT user_id, company, module, release, moment FROM talked;
