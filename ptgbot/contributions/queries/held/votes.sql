-- Votes that somebody cast, by account, name and address.
SELECT repository, change_key, patch_set, label, score, moment, is_own
FROM votes
WHERE account = ? AND name = ? AND email = ?
ORDER BY repository, change_key, patch_set, label, moment, score
LIMIT ? OFFSET ?;
