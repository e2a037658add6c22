// Migration 8: the moves of groups and runs, checked and remembered by the database itself, whoever makes them. The two kinds of database
// write triggers differently; the comment before a statement says whose it is.
#include "db/schema_steps.hpp"

namespace nocturne::db {

std::string_view const schema_history = R"sql(
CREATE TABLE status_history (
    id INTEGER PRIMARY KEY,
    entity TEXT NOT NULL CHECK (entity IN ('group', 'run')),
    entity_id TEXT NOT NULL,
    status TEXT NOT NULL,
    at DOUBLE PRECISION NOT NULL,
    run_id TEXT,
    detail TEXT
);
CREATE INDEX idx_status_history_entity ON status_history (entity, entity_id);

-- sqlite
CREATE TRIGGER check_group_move BEFORE UPDATE OF state ON ingest_queue WHEN new.state <> old.state AND NOT (
    (old.state = 'collecting' AND new.state IN ('pending', 'failed'))
    OR (old.state = 'pending' AND new.state IN ('in_progress', 'collecting', 'failed'))
    OR (old.state = 'in_progress' AND new.state IN ('completed', 'failed', 'pending'))
    OR (old.state = 'completed' AND new.state IN ('pending', 'collecting', 'failed'))
    OR (old.state = 'failed' AND new.state IN ('pending', 'collecting')))
BEGIN SELECT RAISE(ABORT, 'illegal move of a group'); END;

-- sqlite
CREATE TRIGGER note_group AFTER UPDATE OF state ON ingest_queue WHEN new.state <> old.state
BEGIN INSERT INTO status_history (entity, entity_id, status, at, run_id, detail)
    VALUES ('group', new.group_id, new.state, new.last_update, new.run_id, new.error); END;

-- sqlite
CREATE TRIGGER note_run AFTER UPDATE OF status ON runs WHEN new.status <> old.status
BEGIN INSERT INTO status_history (entity, entity_id, status, at, run_id, detail)
    VALUES ('run', new.run_id, new.status, coalesce(new.finished_at, new.started_at, new.submitted_at, 0), new.run_id,
            new.error); END;

-- sqlite
CREATE TRIGGER note_new_run AFTER INSERT ON runs
BEGIN INSERT INTO status_history (entity, entity_id, status, at, run_id, detail)
    VALUES ('run', new.run_id, new.status, coalesce(new.started_at, new.submitted_at, 0), new.run_id, new.error); END;

-- postgresql
CREATE OR REPLACE FUNCTION check_group_move() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT (
    (old.state = 'collecting' AND new.state IN ('pending', 'failed'))
    OR (old.state = 'pending' AND new.state IN ('in_progress', 'collecting', 'failed'))
    OR (old.state = 'in_progress' AND new.state IN ('completed', 'failed', 'pending'))
    OR (old.state = 'completed' AND new.state IN ('pending', 'collecting', 'failed'))
    OR (old.state = 'failed' AND new.state IN ('pending', 'collecting')))
    THEN RAISE EXCEPTION 'illegal move of a group' USING ERRCODE = '23514'; END IF; RETURN new; END $$;

-- postgresql
CREATE TRIGGER check_group_move BEFORE UPDATE OF state ON ingest_queue FOR EACH ROW
    WHEN (new.state <> old.state) EXECUTE FUNCTION check_group_move();

-- postgresql
CREATE OR REPLACE FUNCTION note_group() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO status_history (entity, entity_id, status, at, run_id, detail)
    VALUES ('group', new.group_id, new.state, new.last_update, new.run_id, new.error); RETURN new; END $$;

-- postgresql
CREATE TRIGGER note_group AFTER UPDATE OF state ON ingest_queue FOR EACH ROW
    WHEN (new.state <> old.state) EXECUTE FUNCTION note_group();

-- postgresql
CREATE OR REPLACE FUNCTION note_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO status_history (entity, entity_id, status, at, run_id, detail)
    VALUES ('run', new.run_id, new.status, coalesce(new.finished_at, new.started_at, new.submitted_at, 0), new.run_id,
            new.error); RETURN new; END $$;

-- postgresql
CREATE TRIGGER note_run AFTER UPDATE OF status ON runs FOR EACH ROW
    WHEN (new.status <> old.status) EXECUTE FUNCTION note_run();

-- postgresql
CREATE TRIGGER note_new_run AFTER INSERT ON runs FOR EACH ROW EXECUTE FUNCTION note_run();
)sql";

}  // namespace nocturne::db
