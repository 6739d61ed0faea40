-- Lists read in pages, in one order each, and what became of an entry. See 0001_ground.sql for how these files are
-- written.

-- When an entry was withdrawn or corrected, and the submission that holds the right value.
ALTER TABLE entry ADD COLUMN ended_us BIGINT;
ALTER TABLE entry ADD COLUMN successor UUID;

-- The queue of conflicts by due date: what waits, and what is resolved, which one day is far more.
CREATE INDEX conflict_side_waiting ON conflict_side (agency, due_us, conflict, case_id, member) WHERE state < 4;
CREATE INDEX conflict_side_resolved ON conflict_side (agency, due_us, conflict, case_id, member) WHERE state = 4;
CREATE INDEX conflict_side_case ON conflict_side (agency, case_id);

CREATE INDEX case_file_opened ON case_file (agency, opened_us, id);
CREATE INDEX submission_agency ON submission (agency, at_us, id);
CREATE INDEX submission_member ON submission (agency, member, at_us, id);
CREATE INDEX submission_in_case ON submission (agency, case_id, at_us, id);
CREATE INDEX agency_name ON agency (name, id);
CREATE INDEX member_agency ON member (agency, id);
