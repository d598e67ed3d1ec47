-- Bugs and blueprints to which commits of each module refer, each counted once.
SELECT
  module,
  COUNT(DISTINCT CASE WHEN kind = 'bug' THEN name END) AS bugs,
  COUNT(DISTINCT CASE WHEN kind = 'blueprint' THEN name END) AS blueprints
FROM referred
GROUP BY module
ORDER BY 1;
