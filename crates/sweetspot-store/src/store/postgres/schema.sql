-- The tables of a store, format 1. Every commit locks the row of sweetspot_state first, so that commits follow one
-- another, and readers never wait for them.
CREATE TABLE sweetspot_state (
    only_row bool PRIMARY KEY DEFAULT true CHECK (only_row),
    format int NOT NULL,
    -- The number of the last commit that wrote.
    change_number bigint NOT NULL,
    -- The keys of this commit and of those before it are no longer in sweetspot_change.
    forgotten bigint NOT NULL
) WITH (fillfactor = 50);

INSERT INTO sweetspot_state (format, change_number, forgotten) VALUES (1, 0, 0);

CREATE TABLE sweetspot_row (
    -- UTF-8 text, as bytes, so that its order does not depend on the database.
    key bytea PRIMARY KEY,
    value bytea NOT NULL
);

CREATE TABLE sweetspot_change (
    number bigint NOT NULL,
    key bytea NOT NULL,
    PRIMARY KEY (number, key)
);

CREATE TABLE sweetspot_lease (
    name text PRIMARY KEY,
    number bigint NOT NULL,
    ends timestamptz NOT NULL
);

CREATE TABLE sweetspot_blob (
    digest bytea PRIMARY KEY,
    bytes bigint NOT NULL,
    stored timestamptz NOT NULL
);

CREATE TABLE sweetspot_blob_part (
    digest bytea NOT NULL,
    part int NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (digest, part)
);
ALTER TABLE sweetspot_blob_part ALTER COLUMN content SET STORAGE EXTERNAL;

-- The blobs to remove once no backup reads them.
CREATE TABLE sweetspot_blob_removal (
    digest bytea PRIMARY KEY
);

-- Returns '' if the commit was made, 'L' if the lease is lost, or 'C' and the key in hexadecimal digits if that key has
-- another value than the expected one.
CREATE FUNCTION sweetspot_commit(
    lease_name text,
    lease_number bigint,
    expected_keys bytea[],
    expected_values bytea[],
    written_keys bytea[],
    written_values bytea[]
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    conflict bytea;
    next_number bigint;
BEGIN
    PERFORM 1 FROM sweetspot_state FOR UPDATE;
    IF lease_name IS NOT NULL THEN
        PERFORM 1 FROM sweetspot_lease WHERE name = lease_name AND number = lease_number FOR SHARE;
        IF NOT FOUND THEN
            RETURN 'L';
        END IF;
    END IF;
    SELECT expected.key INTO conflict
        FROM unnest(expected_keys, expected_values) WITH ORDINALITY AS expected(key, value, place)
        LEFT JOIN sweetspot_row AS found ON found.key = expected.key
        WHERE found.value IS DISTINCT FROM expected.value
        ORDER BY expected.place LIMIT 1;
    IF FOUND THEN
        RETURN 'C' || encode(conflict, 'hex');
    END IF;
    IF cardinality(written_keys) = 0 THEN
        RETURN '';
    END IF;
    UPDATE sweetspot_state SET change_number = change_number + 1, forgotten = greatest(forgotten, change_number - 10000)
        RETURNING change_number INTO next_number;
    DELETE FROM sweetspot_row USING unnest(written_keys, written_values) AS written(key, value)
        WHERE sweetspot_row.key = written.key AND written.value IS NULL;
    INSERT INTO sweetspot_row (key, value)
        SELECT written.key, written.value FROM unnest(written_keys, written_values) AS written(key, value)
        WHERE written.value IS NOT NULL
        ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value;
    INSERT INTO sweetspot_change (number, key) SELECT next_number, key FROM unnest(written_keys) AS written(key);
    DELETE FROM sweetspot_change WHERE number <= (SELECT forgotten FROM sweetspot_state);
    PERFORM pg_notify('sweetspot_change', next_number::text);
    RETURN '';
END
$$;
