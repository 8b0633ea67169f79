-- A province with bench.rows projects, by sets. The same number of rows is the same database, row by row: every
-- choice is a hash of the row's number and of the column's.

-- Columns that no figure here depends on get a default, so that a new one in the product does not stop the bench.
DO $$
DECLARE field record;
BEGIN
    FOR field IN
        SELECT table_name, column_name, CASE data_type
            WHEN 'boolean' THEN 'false' WHEN 'jsonb' THEN '''{}''' WHEN 'date' THEN '''2023-07-10'''
            WHEN 'timestamp with time zone' THEN '''2023-07-10 00:00+08'''
            WHEN 'time without time zone' THEN '''00:00''' WHEN 'bytea' THEN '''''' WHEN 'uuid' THEN 'gen_random_uuid()'
            WHEN 'character varying' THEN '''''' WHEN 'text' THEN '''''' ELSE '1' END AS value
        FROM information_schema.columns
        WHERE table_schema = 'public' AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
          AND (table_name LIKE 'zones\_%' OR table_name LIKE 'projects\_%') AND column_name NOT LIKE '%\_id'
    LOOP
        EXECUTE format('ALTER TABLE %I ALTER COLUMN %I SET DEFAULT %s', field.table_name, field.column_name, field.value);
    END LOOP;
END $$;

CREATE FUNCTION dice(i bigint, column_number int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    'SELECT (hashint8extended(i, column_number) & 2147483647) / 2147483648.0';
CREATE FUNCTION pick(i bigint, column_number int, choices text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    'SELECT choices[1 + floor(dice(i, column_number) * cardinality(choices))::int]';

-- ---- Ground: 1 province, 18 cities, 180 zones ---------------------------------------------------------------------
INSERT INTO zones_zone (id, code, kind, parent_id, path, name, short_name, active)
VALUES (1, 'bp', 'province', NULL, '/bp/', '测算省', '测算省', true);
INSERT INTO zones_zone (id, code, kind, parent_id, path, name, short_name, active)
SELECT 1 + c, format('bp-c%s', c), 'city', 1, format('/bp/bp-c%s/', c), format('第%s市', c), format('%s市', c), true
FROM generate_series(1, 18) c;
INSERT INTO zones_zone (id, code, kind, parent_id, path, name, short_name, active)
SELECT 19 + (c - 1) * 10 + z, format('bp-c%s-z%s', c, z), 'zone', 1 + c, format('/bp/bp-c%s/bp-c%s-z%s/', c, c, z),
       format('第%s市第%s经济技术开发区', c, z), format('%s市%s开发区', c, z), true
FROM generate_series(1, 18) c, generate_series(1, 10) z;
INSERT INTO zones_zonename (zone_id, name, short_name) SELECT id, name, short_name FROM zones_zone;

-- The first city and the first zone of a city are the largest; the share falls with the rank.
CREATE TABLE share AS
SELECT id, sum(weight) OVER (ORDER BY id) / sum(weight) OVER () AS upto
FROM (SELECT 19 + (c - 1) * 10 + z AS id, (c * z) ^ -0.8 AS weight
      FROM generate_series(1, 18) c, generate_series(1, 10) z) weights;
CREATE TABLE bounds AS SELECT array_agg(upto ORDER BY id) AS upto FROM share WHERE id < 199;

INSERT INTO zones_department (id, zone_id, name, short_name, active)
SELECT 6 * (zone.id - 20) + d, zone.id, names.name, names.name, true
FROM zones_zone zone, unnest(ARRAY['经济发展局', '招商局', '自然资源局', '生态环境分局', '建设局', '企业服务中心'])
    WITH ORDINALITY AS names(name, d)
WHERE zone.kind = 'zone';
INSERT INTO zones_user (id, username, password, display_name, post, department_id, is_active)
SELECT 8 * (zone.id - 20) + u, format('%s-u%s', zone.code, u), '!', format('%s%s', pick(zone.id, u::int, ARRAY['王',
       '李', '张', '刘', '陈', '杨', '赵', '黄']), pick(zone.id, 100 + u::int, ARRAY['建国', '晓敏', '伟', '丽',
       '志强', '文静'])), pick(u, 3, ARRAY['主任', '副主任', '科长', '科员']), 6 * (zone.id - 20) + 1 + u % 6, true
FROM zones_zone zone, generate_series(1, 8) u WHERE zone.kind = 'zone';
INSERT INTO zones_appointment (user_id, zone_id, role, starts)
SELECT 8 * (zone.id - 20) + u, zone.id, CASE u WHEN 1 THEN 'coordinator' WHEN 2 THEN 'leader' ELSE 'liaison' END,
       '2020-01-01'
FROM zones_zone zone, generate_series(1, 8) u WHERE zone.kind = 'zone';

-- Those who ask: each reads his zone and what lies below it.
INSERT INTO zones_user (id, username, password, display_name, is_active) VALUES
    (2001, 'bench-province', '!', '省级查看', true), (2002, 'bench-city', '!', '市级查看', true),
    (2003, 'bench-zone', '!', '开发区查看', true), (2004, 'bench-smallest', '!', '小开发区查看', true);
INSERT INTO zones_appointment (user_id, zone_id, role, starts) VALUES
    (2001, 1, 'viewer', '2020-01-01'), (2002, 2, 'viewer', '2020-01-01'), (2003, 52, 'viewer', '2020-01-01'),
    (2004, 199, 'viewer', '2020-01-01');
INSERT INTO authtoken_token (key, user_id, created)
SELECT md5(username) || '00000000', id, now() FROM zones_user WHERE username LIKE 'bench-%';

INSERT INTO projects_series (id, code, name, zone_id) VALUES (1, 'bench', '三个一批', 1);
INSERT INTO projects_period (id, series_id, number, first, last)
SELECT p, 1, p, '2020-01-15'::date + 60 * p, '2020-01-15'::date + 60 * p FROM generate_series(1, 20) p;

-- ---- Projects -----------------------------------------------------------------------------------------------------
-- Whoever checks a million references one by one waits for it; they are right by construction.
SET session_replication_role = replica;
-- An index is built faster than grown.
CREATE TABLE index_definition AS
SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS command
FROM pg_index
WHERE indrelid = ANY (ARRAY['projects_company', 'projects_project', 'projects_standing', 'projects_entry',
                            'projects_assignment']::regclass[])
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid);
DO $$
DECLARE dropped text;
BEGIN
    FOR dropped IN SELECT name FROM index_definition LOOP EXECUTE 'DROP INDEX ' || dropped; END LOOP;
END $$;

CREATE TABLE brand AS
SELECT row_number() OVER (ORDER BY a.n, b.n, c.n) - 1 AS n, a.text || b.text || c.text AS text,
       a.initials || b.initials || c.initials AS initials
FROM word a, word b, word c WHERE a.kind = 'syllable' AND b.kind = 'syllable' AND c.kind = 'syllable';
CREATE UNIQUE INDEX ON brand (n);
ANALYZE brand, word;

INSERT INTO projects_company (id, zone_id, name, key, credit_code)
SELECT c, 20 + width_bucket(dice(c, 1), bounds.upto), '河南' || brand.text || trade.text || '有限公司',
       '河南' || brand.text || trade.text || '有限公司', '91410100MA' || lpad(c::text, 8, '0')
FROM bounds, generate_series(1, ceil(0.7 * current_setting('bench.rows')::int)::int) c
JOIN brand ON brand.n = c % (SELECT count(*) FROM brand)
JOIN word trade ON trade.kind = 'trade'
    AND trade.n = c / (SELECT count(*) FROM brand) % (SELECT count(*) FROM word WHERE kind = 'trade');

INSERT INTO projects_project (id, code, serial, national_code, name, key, initials, zone_id, company_id, category,
    importance, content, investment_low, investment_high, investment_qualifier, foreign_low, foreign_high,
    foreign_currency, phase, terminated_on, terminated_reason, created_by_id, created_at, version)
SELECT i, upper(zone.code) || '-' || lpad(serial::text, greatest(4, length(serial::text)), '0'), serial, '2304-410100-04-01-' || lpad(i::text, 6, '0'),
       brand.text || thing.text || stage.text || '项目', brand.text || thing.key || stage.text,
       brand.initials || thing.initials || stage.initials || 'xm', zone.id, company_id,
       pick(i, 4, ARRAY['manufacturing', 'manufacturing', 'manufacturing', 'emerging', 'digital', 'infrastructure',
                        'services', 'livelihood', 'other']),
       CASE WHEN dice(i, 5) < 0.02 THEN 'province' WHEN dice(i, 5) < 0.1 THEN 'city' ELSE '' END,
       repeat('主要建设生产车间、研发中心、仓储及配套设施，购置生产线和检测设备。', 1 + (dice(i, 6) * 3)::int),
       CASE WHEN high IS NOT NULL AND dice(i, 7) < 0.1 THEN high * 4 / 5 ELSE high END, high,
       CASE WHEN high IS NOT NULL AND dice(i, 8) < 0.2 THEN 'about' ELSE '' END,
       CASE WHEN high IS NULL THEN 30000000 END, CASE WHEN high IS NULL THEN 30000000 END,
       CASE WHEN high IS NULL THEN 'USD' ELSE '' END,
       CASE WHEN dice(i, 9) < 0.10 THEN 'reserved' WHEN dice(i, 9) < 0.20 THEN 'negotiating'
            WHEN dice(i, 9) < 0.35 THEN 'signed' WHEN dice(i, 9) < 0.45 THEN 'performed'
            WHEN dice(i, 9) < 0.80 THEN 'started' WHEN dice(i, 9) < 0.95 THEN 'produced' ELSE 'at_capacity' END,
       CASE WHEN dice(i, 10) < 0.02 THEN '2023-03-01'::date END, CASE WHEN dice(i, 10) < 0.02 THEN '企业放弃投资' ELSE '' END,
       8 * (zone.id - 20) + 1, '2020-01-01 08:00+08'::timestamptz + i * (interval '3 years' / current_setting('bench.rows')::int), 1
FROM (SELECT i, company.id AS company_id, company.zone_id,
             row_number() OVER (PARTITION BY company.zone_id ORDER BY i) AS serial,
             -- 20 million to 10 billion yuan, whole 万元, most of them small; some in dollars only.
             CASE WHEN dice(i, 3) >= 0.02 THEN 10000 * (2000 * exp(dice(i, 11) ^ 2 * ln(500)))::bigint END AS high
      FROM generate_series(1, current_setting('bench.rows')::int) i
      JOIN projects_company company
          ON company.id = 1 + floor(dice(i, 2) * (SELECT max(id) FROM projects_company))::int) chosen
JOIN zones_zone zone ON zone.id = chosen.zone_id
JOIN brand ON brand.n = company_id % (SELECT count(*) FROM brand)
JOIN word thing ON thing.kind = 'thing'
    AND thing.n = floor(dice(i, 12) * (SELECT count(*) FROM word WHERE kind = 'thing'))::int
JOIN word stage ON stage.kind = 'stage'
    AND stage.n = floor(dice(i, 13) * (SELECT count(*) FROM word WHERE kind = 'stage'))::int
ORDER BY i;

INSERT INTO projects_standing (project_id, month, plan, due, done, done_statistics, lag_elapsed, lag_planned, severity,
    light, light_label, colour, since, next_kind, next_deadline)
SELECT id, CASE WHEN plan IS NOT NULL THEN '2023-06-30'::date END, plan, plan * 45 / 100, plan * pace / 100,
       CASE WHEN dice(id, 21) < 0.5 THEN plan * pace / 110 END, 100 * (50 - pace), 100 * (45 - pace), severity,
       (ARRAY['green', 'yellow', 'red'])[1 + severity], (ARRAY['正常', '黄色预警', '红色预警'])[1 + severity],
       (ARRAY['#15803d', '#b45309', '#b91c1c'])[1 + severity], CASE WHEN severity > 0 THEN '2023-06-01'::date END,
       CASE WHEN dice(id, 22) < 0.8 THEN pick(id, 23, ARRAY['开工', '竣工', '投产', '入库']) ELSE '' END,
       CASE WHEN dice(id, 22) < 0.8 THEN '2023-01-01'::date + (dice(id, 24) * 720)::int END
FROM (SELECT id, plan, pace, CASE WHEN pace < 25 THEN 2 WHEN pace < 35 THEN 1 ELSE 0 END AS severity
      FROM (SELECT id, CASE WHEN dice(id, 25) < 0.85 THEN investment_high * 3 / 10 END AS plan,
                   CASE WHEN dice(id, 25) < 0.85 THEN 10 + (dice(id, 26) * 60)::int END AS pace
            FROM projects_project) paced) judged
ORDER BY id;

-- Two entries for the far ones, one for most, none for what is still talked about.
INSERT INTO projects_entry (project_id, batch, period_id, role_text, version)
SELECT id, CASE step WHEN 1 THEN 'sign' ELSE CASE WHEN phase IN ('produced', 'at_capacity') THEN 'produce' ELSE 'start' END END,
       LEAST(20, 1 + (dice(id, 31) * 16)::int + 2 * step), '', 1
FROM projects_project, generate_series(1, 2) step
WHERE phase NOT IN ('reserved', 'negotiating') AND (step = 1 OR phase IN ('started', 'produced', 'at_capacity'))
ORDER BY id;

INSERT INTO projects_assignment (project_id, role, user_id, department_id, post, starts, version)
SELECT id, role, CASE WHEN role = 'liaison' THEN 8 * (zone_id - 20) + 3 + (dice(id, 41) * 5)::int END,
       CASE WHEN role = 'unit' THEN 6 * (zone_id - 20) + 1 + (dice(id, 42) * 5)::int END,
       CASE WHEN role = 'leader' THEN '分管副市长' ELSE '' END, '2022-01-01', 1
FROM projects_project, unnest(ARRAY['leader', 'unit', 'liaison']) role
ORDER BY id;

DO $$
DECLARE built text;
BEGIN
    FOR built IN SELECT command FROM index_definition LOOP EXECUTE built; END LOOP;
END $$;
DROP TABLE brand, share, bounds, index_definition;
SET session_replication_role = DEFAULT;
SELECT setval(pg_get_serial_sequence(name, 'id'), (xpath('/row/m/text()', query_to_xml(
    format('SELECT coalesce(max(id), 1) AS m FROM %I', name), false, true, '')))[1]::text::bigint)
FROM unnest(ARRAY['zones_zone', 'zones_department', 'zones_user', 'projects_series', 'projects_period',
                  'projects_company', 'projects_project']) name;
