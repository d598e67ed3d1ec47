"""The tables of what was read, in one SQLite file. They are made of the stored events, and never migrated."""

from __future__ import annotations

from typing import Final

VERSION: Final = 3
"""Version of the tables and of the reading rules; a file of another version is made anew from the events."""
TABLES: Final = """
CREATE TABLE changes (
  id INTEGER PRIMARY KEY, server TEXT NOT NULL, project TEXT NOT NULL, number INTEGER NOT NULL, branch TEXT NOT NULL,
  subject TEXT NOT NULL, owner TEXT NOT NULL, topic TEXT NOT NULL, url TEXT NOT NULL, wip INTEGER NOT NULL,
  private INTEGER NOT NULL, deleted INTEGER NOT NULL, at INTEGER NOT NULL, digest TEXT NOT NULL,
  UNIQUE (server, project, number));
CREATE TABLE patchsets (
  change INTEGER NOT NULL, number INTEGER NOT NULL, project TEXT NOT NULL, created INTEGER, first INTEGER NOT NULL,
  kind TEXT NOT NULL, uploader TEXT NOT NULL, inserted INTEGER NOT NULL, deleted INTEGER NOT NULL,
  untested INTEGER NOT NULL,
  PRIMARY KEY (change, number)) WITHOUT ROWID;
CREATE INDEX patchsets_time ON patchsets (project, COALESCE(created, first));
CREATE TABLE moves (
  change INTEGER NOT NULL, kind TEXT NOT NULL, time INTEGER NOT NULL, patchset INTEGER NOT NULL,
  PRIMARY KEY (change, kind, time)) WITHOUT ROWID;
CREATE INDEX moves_time ON moves (kind, time);
CREATE TABLE reports (
  id INTEGER PRIMARY KEY, change INTEGER NOT NULL, patchset INTEGER NOT NULL, project TEXT NOT NULL,
  account TEXT NOT NULL, trusted INTEGER NOT NULL, pipeline TEXT NOT NULL, time INTEGER NOT NULL, status TEXT NOT NULL,
  outcome TEXT NOT NULL, buildset TEXT, digest TEXT NOT NULL);
CREATE INDEX reports_patchset ON reports (change, patchset, account);
CREATE INDEX reports_account ON reports (account, time);
CREATE INDEX reports_time ON reports (time);
CREATE INDEX reports_project ON reports (project, account, time);
CREATE TABLE jobs (
  report INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, url TEXT, result TEXT NOT NULL,
  voting INTEGER NOT NULL, seconds INTEGER, detail TEXT, PRIMARY KEY (report, position)) WITHOUT ROWID;
CREATE TABLE accounts (
  account TEXT PRIMARY KEY, name TEXT NOT NULL, at INTEGER NOT NULL, trusted INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE pairs (
  server TEXT NOT NULL, project TEXT NOT NULL, account TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  results INTEGER NOT NULL, PRIMARY KEY (server, project, account)) WITHOUT ROWID;
CREATE INDEX pairs_account ON pairs (account);
CREATE TABLE votes (
  change INTEGER NOT NULL, patchset INTEGER NOT NULL, account TEXT NOT NULL, time INTEGER NOT NULL,
  value INTEGER NOT NULL, is_cast INTEGER NOT NULL,
  PRIMARY KEY (change, patchset, account, time)) WITHOUT ROWID;
CREATE TABLE rechecks (
  change INTEGER NOT NULL, patchset INTEGER NOT NULL, account TEXT NOT NULL, time INTEGER NOT NULL,
  line TEXT NOT NULL, asked TEXT NOT NULL, bare INTEGER NOT NULL,
  PRIMARY KEY (change, patchset, account, time)) WITHOUT ROWID;
CREATE INDEX rechecks_time ON rechecks (time);
CREATE TABLE seen (
  change INTEGER NOT NULL, patchset INTEGER NOT NULL, account TEXT NOT NULL, digest TEXT NOT NULL,
  time INTEGER NOT NULL, source TEXT NOT NULL, PRIMARY KEY (change, patchset, account, digest, time)) WITHOUT ROWID;
CREATE TABLE builds (
  server TEXT NOT NULL, uuid TEXT NOT NULL, job TEXT NOT NULL, pipeline TEXT NOT NULL, project TEXT NOT NULL,
  branch TEXT NOT NULL, change INTEGER, patchset INTEGER, result TEXT NOT NULL, voting INTEGER NOT NULL,
  final INTEGER NOT NULL, nodeset TEXT NOT NULL, error TEXT NOT NULL, url TEXT NOT NULL, buildset TEXT NOT NULL,
  queued INTEGER, started INTEGER, ended INTEGER, time INTEGER NOT NULL,
  PRIMARY KEY (server, uuid, job)) WITHOUT ROWID;
CREATE INDEX builds_time ON builds (time);
CREATE INDEX builds_newest ON builds (server, time);
CREATE INDEX builds_buildset ON builds (server, buildset);
CREATE TABLE marks (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE changed (key TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
CREATE UNIQUE INDEX changed_number ON changed (number);
"""
