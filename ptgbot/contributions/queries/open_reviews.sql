-- Changes that are neither merged nor abandoned: repository, number, branch, subject, when they were opened and touched
-- last, and the worst and best votes of Code-Review, Verified and Workflow on the newest patch set.
SELECT
  c.repository, c.change_key, c.branch, c.subject, c.created, c.updated, coalesce(m.module, c.repository) AS module,
  MIN(CASE WHEN v.label = 'Code-Review' THEN v.score END) AS worst_review,
  MIN(CASE WHEN v.label = 'Verified' THEN v.score END) AS worst_verified,
  MAX(CASE WHEN v.label = 'Verified' THEN v.score END) AS best_verified,
  MIN(CASE WHEN v.label = 'Workflow' THEN v.score END) AS worst_workflow
FROM changes c
LEFT JOIN modules m ON m.repository = c.repository
LEFT JOIN (
  SELECT repository, change_key, MAX(patch_set) AS patch_set FROM patch_sets GROUP BY repository, change_key
) n ON n.repository = c.repository AND n.change_key = c.change_key
LEFT JOIN (
  SELECT
    repository, change_key, patch_set, label, score,
    ROW_NUMBER() OVER (
      PARTITION BY repository, change_key, patch_set, label, account ORDER BY moment DESC, score
    ) AS newness
  FROM votes
) v ON v.repository = c.repository AND v.change_key = c.change_key AND v.patch_set = n.patch_set AND v.newness = 1
WHERE c.status NOT IN ('MERGED', 'ABANDONED')
GROUP BY c.repository, c.change_key, c.branch, c.subject, c.created, c.updated, coalesce(m.module, c.repository)
ORDER BY c.created, c.repository, c.change_key;
