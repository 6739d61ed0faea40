-- What was asked, beside its submission: SQLite writes a row anew, however long, each time a stage of it is marked as done.
-- 0012 moves what is there, 0013 takes the old column away: on Citus no transaction both changes tables and moves rows.
-- See 0001_ground.sql for how these files are written.

CREATE TABLE submission_detail (   -- placement: hash submission
    submission UUID NOT NULL,
    agency UUID NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (submission)
);
