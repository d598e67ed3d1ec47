SELECT
  (SELECT COUNT(*) FROM (
    SELECT DISTINCT repository, sha FROM attributed
    EXCEPT
    SELECT DISTINCT repository, sha FROM records
  ) only_robots) AS robots,
  (SELECT COUNT(*) FROM (SELECT DISTINCT repository, sha FROM records) counted) AS counted,
  COUNT(*) AS records,
  coalesce(SUM(CAST(added AS DOUBLE PRECISION) / shares), 0) AS added,
  coalesce(SUM(CAST(deleted AS DOUBLE PRECISION) / shares), 0) AS deleted,
  coalesce(SUM(CAST(loc AS DOUBLE PRECISION) / shares), 0) AS loc,
  COUNT(DISTINCT user_id) AS users,
  COUNT(DISTINCT company) AS companies,
  MIN(moment) AS first,
  MAX(moment) AS last
FROM records;
