-- Where an agency's telephones ring, by its name in the IANA database. See 0001_ground.sql for how these files are written.

-- NULL: nobody said, and nothing is guessed.
ALTER TABLE agency ADD COLUMN time_zone TEXT;
