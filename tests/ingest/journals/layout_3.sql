BEGIN TRANSACTION;
CREATE TABLE entry (
    key TEXT PRIMARY KEY,
    topic TEXT NOT NULL, person TEXT NOT NULL, night TEXT NOT NULL, scoring TEXT NOT NULL,
    revision INTEGER NOT NULL, valid INTEGER NOT NULL, body TEXT NOT NULL,
    position INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    published_revision INTEGER NOT NULL DEFAULT -1,
    stored_revision INTEGER NOT NULL DEFAULT -1,
    rejected INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT ''
, since_ns INTEGER NOT NULL DEFAULT 0, judgements INTEGER NOT NULL DEFAULT 0, confirmed INTEGER, overtaken INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "entry" VALUES('["event", "p1", "2026-11-20", "default", "leg_movement", "left-shin", "left", 1000000000]','event','p1','2026-11-20','default',0,1,'{"duration_s":2.0,"end_ns":3000000000,"kind":"leg_movement","leg":"left","measures":{"peak_uv":41.0},"onset_ns":1000000000,"quality":"good","sensor":"left-shin","why":[]}',1,0,0,0,0,'',1790000000000000000,0,NULL,0);
INSERT INTO "entry" VALUES('["event", "p1", "2026-11-20", "default", "leg_movement", "left-shin", "left", 2000000000]','event','p1','2026-11-20','default',1,1,'{"duration_s":2.0,"end_ns":4000000000,"kind":"leg_movement","leg":"left","measures":{"peak_uv":42.0},"onset_ns":2000000000,"quality":"good","sensor":"left-shin","why":[]}',4,0,-1,-1,0,'',1790000000000000000,0,NULL,1);
INSERT INTO "entry" VALUES('["event", "p1", "2026-11-20", "default", "leg_movement", "left-shin", "left", 3000000000]','event','p1','2026-11-20','default',0,1,'{"duration_s":2.0,"end_ns":5000000000,"kind":"leg_movement","leg":"left","measures":{"peak_uv":43.0},"onset_ns":3000000000,"quality":"good","sensor":"left-shin","why":[]}',3,0,-1,0,1,'field type conflict',1790000000000000000,0,NULL,0);
CREATE UNIQUE INDEX entry_position ON entry (position);
CREATE INDEX entry_night ON entry (person, night, scoring, topic);
CREATE INDEX entry_unpublished ON entry (position) WHERE published_revision < revision;
CREATE INDEX entry_unstored ON entry (position) WHERE stored_revision < revision;
CREATE INDEX entry_set_aside ON entry (position) WHERE rejected;
CREATE INDEX entry_overtaken ON entry (since_ns) WHERE overtaken;
COMMIT;
PRAGMA user_version = 3;
