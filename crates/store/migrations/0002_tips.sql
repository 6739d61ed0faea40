-- CyberTips as they were taken in (18 U.S.C. 2258A). The case of a tip has status "tip" and, until an officer states a
-- predicate, the nil id in case_file.predicate. What a report says stands sealed; nothing of it is searched or matched
-- but the identifiers that became entries.

CREATE TABLE tip (                 -- placement: hash case_id
    case_id UUID NOT NULL,
    agency UUID NOT NULL,
    informational BOOLEAN NOT NULL,
    escalated BOOLEAN NOT NULL,
    at_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (case_id)
);
