-- Groups of modules and types of projects with their parts, in their order: kind, id, name, tag, part, release.
SELECT kind, scope, name, tag, part, release
FROM scopes
ORDER BY place;
