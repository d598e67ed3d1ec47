-- Everybody whom a fact names, the newest first.
SELECT account, name, email, MAX(moment)
FROM (
  SELECT '' AS account, a.name, a.email, c.authored AS moment
  FROM authors a JOIN commits c ON c.repository = a.repository AND c.sha = a.sha
  UNION ALL SELECT account, name, email, created FROM changes
  UNION ALL SELECT account, name, email, created FROM patch_sets
  UNION ALL SELECT account, name, email, moment FROM votes
  UNION ALL SELECT account, name, email, moment FROM comments
  UNION ALL SELECT '', name, email, moment FROM messages
  UNION ALL SELECT account, name, '', moment FROM talks
) named
GROUP BY account, name, email
ORDER BY 4 DESC, 1, 2, 3;
