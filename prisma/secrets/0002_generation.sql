-- Counts how often the value was replaced, for those who replace it only as they read it.
ALTER TABLE secret ADD COLUMN generation integer NOT NULL DEFAULT 0;
