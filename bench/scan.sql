-- On top of filling.sql, the same every time: for every project a plan of 2023 with a target and a reported figure for
-- each month, started and entered in the statistics in time. Every tenth is behind by 20 points at the end of the year.
SET session_replication_role = replica;
TRUNCATE projects_standing;
-- All of them are judged. (Phases are read from milestones, not from the column of the project.)
UPDATE projects_project SET terminated_on = NULL, terminated_reason = '' WHERE terminated_on IS NOT NULL;

-- An index is built faster than grown.
CREATE TABLE index_definition AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS command
FROM pg_index
WHERE indrelid = ANY (ARRAY['projects_annualplan', 'projects_monthlytarget', 'projects_progress',
                            'projects_milestone']::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid);
DO $$
DECLARE dropped text;
BEGIN
    FOR dropped IN SELECT name FROM index_definition LOOP EXECUTE 'DROP INDEX ' || dropped; END LOOP;
END $$;

INSERT INTO projects_annualplan (id, project_id, year, edition, amount, status, effective_from)
SELECT id, id, 2023, 1, 12 * (1000000 + id % 977 * 10000), 'approved', '2023-01-10' FROM projects_project ORDER BY id;

INSERT INTO projects_monthlytarget (plan_id, month, amount)
SELECT id, month, amount / 12 * month FROM projects_annualplan, generate_series(1, 12) month ORDER BY id, month;

INSERT INTO projects_progress (project_id, channel, up_to, amount, current)
SELECT project_id, 'reported', ('2023-01-01'::date + month * interval '1 month' - interval '1 day')::date,
       amount / 12 * month * CASE WHEN project_id % 10 = 0 THEN 8 ELSE 10 END / 10, true
FROM projects_annualplan, generate_series(1, 12) month
ORDER BY month, project_id;  -- as they come in

INSERT INTO projects_milestone (project_id, kind, baseline, planned, done, actual_first, actual_last, known_on)
SELECT id, kind, '2023-03-31', '2023-03-31', true, '2023-03-15', '2023-03-15', '2023-03-15'
FROM projects_project, unnest(ARRAY['started', 'stats_entry']) kind ORDER BY id, kind;

DO $$
DECLARE built text;
BEGIN
    FOR built IN SELECT command FROM index_definition LOOP EXECUTE built; END LOOP;
END $$;
DROP TABLE index_definition;
SET session_replication_role = DEFAULT;
SELECT setval(pg_get_serial_sequence('projects_annualplan', 'id'), (SELECT max(id) FROM projects_annualplan));
