-- How changes were answered, by module and the release in which they were opened, and by release for all modules together,
-- which have no key: the kind, the key, the release; all changes; those that were answered, with median and 90th percentile
-- of the time (seconds) to the first answer; those that ended without an answer, those that still wait for one; those that
-- were merged, with median and 90th percentile of the time to that; those that were abandoned. Percentiles are the nearest
-- rank, an amount that occurred. The value is the present moment: later changes are left out.
WITH scoped AS (
  SELECT
    'module' AS kind, module AS key, repository, change_key, release, status, closed,
    CASE WHEN answered IS NOT NULL THEN GREATEST(answered - created, 0) END AS answered_after,
    CASE WHEN status = 'MERGED' THEN GREATEST(closed - created, 0) END AS merged_after
  FROM waits
  WHERE created <= CAST(? AS BIGINT)
  UNION ALL
  SELECT
    'all', '', repository, change_key, release, status, closed,
    CASE WHEN answered IS NOT NULL THEN GREATEST(answered - created, 0) END,
    CASE WHEN status = 'MERGED' THEN GREATEST(closed - created, 0) END
  FROM waits
  WHERE created <= CAST(? AS BIGINT)
),
ranked AS (
  SELECT
    kind, key, release, status, closed, answered_after, merged_after,
    COUNT(answered_after) OVER (PARTITION BY kind, key, release) AS answers,
    COUNT(merged_after) OVER (PARTITION BY kind, key, release) AS merges,
    ROW_NUMBER() OVER (
      PARTITION BY kind, key, release
      ORDER BY CASE WHEN answered_after IS NULL THEN 1 ELSE 0 END, answered_after, repository, change_key
    ) AS answer_place,
    ROW_NUMBER() OVER (
      PARTITION BY kind, key, release
      ORDER BY CASE WHEN merged_after IS NULL THEN 1 ELSE 0 END, merged_after, repository, change_key
    ) AS merge_place
  FROM scoped
)
SELECT
  kind, key, release, COUNT(*) AS changes,
  COUNT(answered_after),
  MIN(CASE WHEN 2 * answer_place >= answers THEN answered_after END),
  MIN(CASE WHEN 10 * answer_place >= 9 * answers THEN answered_after END),
  COUNT(CASE WHEN answered_after IS NULL AND closed IS NOT NULL THEN 1 END),
  COUNT(CASE WHEN answered_after IS NULL AND closed IS NULL THEN 1 END),
  COUNT(merged_after),
  MIN(CASE WHEN 2 * merge_place >= merges THEN merged_after END),
  MIN(CASE WHEN 10 * merge_place >= 9 * merges THEN merged_after END),
  COUNT(CASE WHEN status = 'ABANDONED' THEN 1 END)
FROM ranked
GROUP BY kind, key, release
ORDER BY 1, 2, 3;
