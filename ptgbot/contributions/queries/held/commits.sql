-- Commits of somebody by account, name and address, as their author (position 0) or a co-author.
SELECT
  c.repository, c.sha, a.position, c.authored, c.committed, c.added, c.deleted, c.files, c.renames, c.subject
FROM authors a
JOIN commits c ON c.repository = a.repository AND c.sha = a.sha
WHERE CAST(? AS TEXT) = '' AND a.name = ? AND a.email = ?
ORDER BY c.repository, c.sha, a.position
LIMIT ? OFFSET ?;
