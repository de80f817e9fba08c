-- The accounts to score, with a column for each attribute of the model.
SELECT * FROM {{ source("crm", "prospects") }}
