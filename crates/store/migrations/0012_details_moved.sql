-- What 0011 makes room for.

INSERT INTO submission_detail (submission, agency, sealed) SELECT id, agency, sealed FROM submission;
