-- Which kinds undercover identities have: the silent look asks for perceptual hashes among them only where one has such
-- (crates/store/src/rows/look.rs). 4 is the role.

CREATE INDEX entry_persona ON entry (kind) WHERE role = 4;
