"""DuckDB: all rules in SQL, by as-of joins over the whole file; due days come from a table made beforehand.

It relies on what the made-up records are: exact times with +08:00, no two events alike.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from ..contestant import Contestant, judging
from ..oracle import DEADLINES, Outcome
from ..records import AS_OF
from .host import due_tables

READ = """
CREATE OR REPLACE TEMP TABLE facts AS
SELECT id, claim_amount, debtor_is_enterprise, self_disposal_days, assets, events
FROM read_json($path, format = 'newline_delimited', columns = {
    id: 'VARCHAR', claim_amount: 'BIGINT', debtor_is_enterprise: 'BOOLEAN', self_disposal_days: 'BIGINT',
    assets: 'STRUCT(id VARCHAR, "value" BIGINT)[]',
    events: 'STRUCT("type" VARCHAR, "at" VARCHAR, asset VARCHAR, payment VARCHAR)[]'})
"""
EVENTS = """
CREATE OR REPLACE TEMP TABLE happened AS
SELECT id, place, e.type AS type, e."at"[:19]::TIMESTAMP AS moment, e.asset AS asset, e.payment AS payment
FROM (SELECT id, unnest(events) AS e, generate_subscripts(events, 1) - 1 AS place FROM facts)
WHERE e."at"[:19]::TIMESTAMP <= $as_of::TIMESTAMP
"""
TERMS = """
WITH keyed AS (
    SELECT h.*, r.rule, r.trigger, r.amount, r.unit,
           CASE r.same WHEN 'asset' THEN h.asset WHEN 'payment' THEN h.payment ELSE '' END AS entity
    FROM happened h JOIN rules r ON h.type IN (r.trigger, r.answer)
), started AS (
    SELECT k.*, CASE WHEN k.unit = 'hours' THEN k.moment + to_hours(k.amount) ELSE d.last END AS last,
           CASE WHEN k.unit = 'hours' THEN k.moment + to_hours(k.amount) ELSE d.last + INTERVAL 1 SECOND END AS due
    FROM keyed k LEFT JOIN due d ON d.amount = k.amount AND d.unit = k.unit AND d.day = k.moment::DATE
    WHERE k.type = k.trigger
), answers AS (SELECT * FROM keyed WHERE type <> trigger)
SELECT s.id, s.rule, '/events/' || s.place,
       CASE WHEN a.moment <= s.last THEN 'compliant' WHEN a.moment IS NOT NULL THEN 'late'
            WHEN $as_of::TIMESTAMP > s.last THEN 'breached' ELSE 'pending' END,
       strftime(s.due, '%Y-%m-%dT%H:%M:%S+08:00')
FROM started s ASOF LEFT JOIN answers a
  ON s.id = a.id AND s.rule = a.rule AND s.entity = a.entity AND s.moment <= a.moment
"""
LIMIT = """
WITH held AS (
    SELECT c.id, c.place, c.moment, f.claim_amount, unnest(f.assets) AS a
    FROM happened c JOIN facts f USING (id) WHERE c.type = 'asset_controlled'
), owned AS (SELECT id, place, moment, claim_amount, a.id AS asset, a."value" AS worth FROM held
), changes AS (SELECT id, asset, moment, type FROM happened WHERE type IN ('asset_controlled', 'asset_released'))
SELECT o.id, 'R13', '/events/' || o.place,
       CASE WHEN 10 * sum(CASE WHEN s.type = 'asset_controlled' THEN worth ELSE 0 END) <= 12 * any_value(claim_amount)
            THEN 'compliant' ELSE 'breached' END, ''
FROM owned o ASOF LEFT JOIN changes s ON o.id = s.id AND o.asset = s.asset AND o.moment >= s.moment
GROUP BY o.id, o.place
"""
QUERY = """
SELECT t.id, 'R14', '/events/' || t.place, CASE WHEN q.moment <= t.moment THEN 'compliant' ELSE 'breached' END, ''
FROM (SELECT * FROM happened WHERE type = 'case_terminated') t
LEFT JOIN (SELECT id, min(moment) AS moment FROM happened WHERE type = 'online_query_started' GROUP BY id) q USING (id)
"""
AUCTION = """
WITH stops AS (SELECT id, moment, type FROM happened WHERE type IN ('bankruptcy_notice_received', 'execution_resumed')
), auctions AS (
    SELECT h.* FROM happened h JOIN facts f USING (id) WHERE h.type = 'asset_auctioned' AND f.debtor_is_enterprise
)
SELECT a.id, 'R15', '/events/' || a.place,
       CASE WHEN s.type = 'bankruptcy_notice_received' THEN 'breached' ELSE 'compliant' END, ''
FROM auctions a ASOF LEFT JOIN stops s ON a.id = s.id AND a.moment >= s.moment
"""
SELF_DISPOSAL = """
SELECT h.id, 'R16', '/events/' || h.place,
       CASE WHEN f.self_disposal_days <= 90 THEN 'compliant' ELSE 'breached' END, ''
FROM happened h JOIN facts f USING (id) WHERE h.type = 'self_disposal_permitted'
"""


def contestants() -> Iterator[Contestant]:
    """Yield DuckDB on one thread."""
    yield judging("DuckDB, SQL by hand, one thread", 16, partial(_outcomes, _connection()))


def _connection() -> Any:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("CREATE TABLE rules (rule TEXT, trigger TEXT, answer TEXT, amount BIGINT, unit TEXT, same TEXT)")
    connection.executemany("INSERT INTO rules VALUES (?, ?, ?, ?, ?, ?)", [tuple(d) for d in DEADLINES])
    rows = ", ".join(
        f"('{day}', {amount}, '{unit}', to_timestamp({second}) AT TIME ZONE 'Asia/Shanghai')"
        for (amount, unit), days in due_tables().items()
        for day, (second, _) in days.items()
    )
    connection.execute("CREATE TABLE due (day DATE, amount BIGINT, unit TEXT, last TIMESTAMP)")
    connection.execute(f"INSERT INTO due VALUES {rows}")  # noqa: S608 - made of dates and of the table of rules
    return connection


def _outcomes(connection: Any, path: Path) -> Iterator[Outcome]:
    as_of = {"as_of": AS_OF[:19]}
    connection.execute(READ, {"path": str(path)})
    connection.execute(EVENTS, as_of)
    for query, values in ((TERMS, as_of), (LIMIT, {}), (QUERY, {}), (AUCTION, {}), (SELF_DISPOSAL, {})):
        connection.execute(query, values)
        while rows := connection.fetchmany(10_000):
            yield from (Outcome(*row) for row in rows)
