-- Calls the macro that export.sh writes. Its relation is named prospects.
WITH prospects AS (
    SELECT * FROM {{ ref("prospects") }}
)

SELECT * FROM (
    {{ sweetspot_scores() }}
)
