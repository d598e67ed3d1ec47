-- Facts, as the sources have them. Text is kept as it was written. Moments are seconds since 1970.
CREATE TABLE IF NOT EXISTS commits (
  repository TEXT NOT NULL, sha TEXT NOT NULL, authored BIGINT NOT NULL, committed BIGINT NOT NULL,
  added BIGINT NOT NULL, deleted BIGINT NOT NULL, files BIGINT NOT NULL, renames BIGINT NOT NULL,
  foreign_added BIGINT NOT NULL, foreign_deleted BIGINT NOT NULL, foreign_files BIGINT NOT NULL,
  subject TEXT NOT NULL, change_id TEXT NOT NULL
);
-- Who made a commit: the author has the position 0, co-authors follow.
CREATE TABLE IF NOT EXISTS authors (
  repository TEXT NOT NULL, sha TEXT NOT NULL, position BIGINT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL
);
-- What the message of a commit refers to. The kinds are bug, blueprint and assistant.
CREATE TABLE IF NOT EXISTS mentions (repository TEXT NOT NULL, sha TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL);
-- Commits of other branches that are not on the default branch.
CREATE TABLE IF NOT EXISTS branches (repository TEXT NOT NULL, sha TEXT NOT NULL, branch TEXT NOT NULL);
-- Up to where each source is among the facts.
CREATE TABLE IF NOT EXISTS heads (repository TEXT NOT NULL, branch TEXT NOT NULL, sha TEXT NOT NULL);
-- Reviews. The repository is the server and the project.
CREATE TABLE IF NOT EXISTS changes (
  repository TEXT NOT NULL, change_key TEXT NOT NULL, branch TEXT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL,
  email TEXT NOT NULL, status TEXT NOT NULL, subject TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
  merged BIGINT
);
CREATE TABLE IF NOT EXISTS patch_sets (
  repository TEXT NOT NULL, change_key TEXT NOT NULL, patch_set BIGINT NOT NULL, account TEXT NOT NULL,
  name TEXT NOT NULL, email TEXT NOT NULL, created BIGINT NOT NULL
);
-- Votes as they were cast. A change that is abandoned is a vote with the label Abandon.
CREATE TABLE IF NOT EXISTS votes (
  repository TEXT NOT NULL, change_key TEXT NOT NULL, patch_set BIGINT NOT NULL, account TEXT NOT NULL,
  name TEXT NOT NULL, email TEXT NOT NULL, label TEXT NOT NULL, score BIGINT NOT NULL, moment BIGINT NOT NULL,
  is_own BIGINT NOT NULL
);
-- What was said of changes without a vote. Messages that the server made itself are left out.
CREATE TABLE IF NOT EXISTS comments (
  repository TEXT NOT NULL, change_key TEXT NOT NULL, patch_set BIGINT NOT NULL, account TEXT NOT NULL,
  name TEXT NOT NULL, email TEXT NOT NULL, moment BIGINT NOT NULL, is_own BIGINT NOT NULL
);
-- Messages to mailing lists. The repository is the list, the track that of the subject.
CREATE TABLE IF NOT EXISTS messages (
  repository TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, subject TEXT NOT NULL,
  track TEXT NOT NULL, moment BIGINT NOT NULL
);
-- Commands of the gathering and of meetings. The kinds are now, next, meeting and action.
CREATE TABLE IF NOT EXISTS talks (
  repository TEXT NOT NULL, record BIGINT NOT NULL, account TEXT NOT NULL, name TEXT NOT NULL, track TEXT NOT NULL,
  kind TEXT NOT NULL, moment BIGINT NOT NULL
);
-- What the rules say: small tables, made anew from the list of people before each count.
CREATE TABLE IF NOT EXISTS identities (account TEXT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL, user_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS people (user_id TEXT NOT NULL, name TEXT NOT NULL, is_known BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS employers (user_id TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, company TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS releases (since BIGINT NOT NULL, until BIGINT NOT NULL, release TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tagged (repository TEXT NOT NULL, sha TEXT NOT NULL, release TEXT NOT NULL);
-- When merges brought commits into a branch; empty unless that date counts.
CREATE TABLE IF NOT EXISTS merged (repository TEXT NOT NULL, sha TEXT NOT NULL, moment BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS modules (repository TEXT NOT NULL, module TEXT NOT NULL, organisation TEXT NOT NULL);
-- Groups of modules, and types of projects: a row for each part, in the order of the place. The tag of a type is its parent.
CREATE TABLE IF NOT EXISTS scopes (
  kind TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL, tag TEXT NOT NULL, part TEXT NOT NULL, release TEXT NOT NULL,
  place BIGINT NOT NULL
);
-- An empty address means every person of the commit.
CREATE TABLE IF NOT EXISTS corrections (
  sha TEXT NOT NULL, email TEXT NOT NULL, added BIGINT, deleted BIGINT, loc BIGINT, moment BIGINT, release TEXT, user_id TEXT,
  company TEXT
);
CREATE TABLE IF NOT EXISTS options (
  date_of TEXT NOT NULL, split BIGINT NOT NULL, co_robots BIGINT NOT NULL, mass_renames BIGINT NOT NULL
);
