-- Where it stood before 0011.

ALTER TABLE submission DROP COLUMN sealed;
