-- A program with the traps of the kind, in the types of one database. {{.N}} is a table of the numbers from 1 to 240.
CREATE TABLE ar_internal_metadata ("key" VARCHAR(64) PRIMARY KEY, "value" TEXT, created_at {{.Time}} NULL, updated_at {{.Time}} NULL);
INSERT INTO ar_internal_metadata VALUES ('environment', 'production', '2024-02-03 10:00:00', '2024-02-03 10:00:00');
CREATE TABLE schema_migrations (version VARCHAR(64) PRIMARY KEY);
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, encrypted_password TEXT, gender TEXT, title TEXT, birth_year INTEGER, is_bot BOOLEAN, disabled BOOLEAN, last_sign_in_at {{.Time}} NULL, created_at {{.Time}} NULL);
INSERT INTO users SELECT value, 'canary@example.com', 'canary-secret', CASE value % 2 WHEN 0 THEN 'canary-f' ELSE 'canary-m' END, 'Dr', 1980 + value % 9, {{.False}}, {{.False}}, '2026-01-01 10:00:00', '2025-01-01 10:00:00' FROM {{.N}};
-- Machines with names and passwords are not those who use the program.
CREATE TABLE printers (id INTEGER PRIMARY KEY, name TEXT, username TEXT, password TEXT, password_hint TEXT, mode INTEGER);
INSERT INTO printers SELECT value, 'canary', 'canary', 'canary-secret', 'canary', value % 3 FROM {{.N}} WHERE value < 30;
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), status TEXT, auth_token_type TEXT, mail_host TEXT, "time" INTEGER, created INTEGER, deleted_at {{.Time}} NULL, ships_at INTEGER);
INSERT INTO orders SELECT value, value, CASE value % 3 WHEN 0 THEN 'canary-paid' WHEN 1 THEN 'canary-open' ELSE 'canary-sent' END, CASE value % 2 WHEN 0 THEN 'canary-a' ELSE 'canary-b' END, 'canary.example', value % 90, 1750000000 + value, NULL, 2100000000 FROM {{.N}};
CREATE TABLE products (id INTEGER PRIMARY KEY, name TEXT, kind {{.Kind}}, created_at BIGINT);
INSERT INTO products SELECT value, 'canary-product', 'Book', 1750000000000 + value FROM {{.N}};
-- Every row has a time of deletion: the beginning of time stands for none.
CREATE TABLE coupons (id INTEGER PRIMARY KEY, name TEXT, is_draft BOOLEAN, deleted_at {{.Time}} NULL, created_on TEXT);
INSERT INTO coupons SELECT value, 'canary', {{.False}}, '1970-01-02 00:00:00', '2026-01-01 10:00:00' FROM {{.N}} WHERE value < 50;
-- A queue to which things belong is one of them; one for a worker is none.
CREATE TABLE queues (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO queues SELECT value, 'canary' FROM {{.N}} WHERE value < 5;
CREATE TABLE tickets (id INTEGER PRIMARY KEY, queue INTEGER, subject TEXT, ticket_state INTEGER, starts_at {{.Time}} NULL, "date" {{.Time}} NULL);
INSERT INTO tickets SELECT value, value % 4 + 1, 'canary', value % 4, '2031-01-01 00:00:00', '2031-01-01 00:00:00' FROM {{.N}};
CREATE TABLE jobs (id INTEGER PRIMARY KEY, payload TEXT);
CREATE TABLE order_products (order_id INTEGER REFERENCES orders (id), product_id INTEGER REFERENCES products (id));
CREATE TABLE product_translations (id INTEGER PRIMARY KEY, product_id INTEGER REFERENCES products (id), locale TEXT, name TEXT);
CREATE TABLE settings ("key" VARCHAR(64) PRIMARY KEY, "value" TEXT);
INSERT INTO settings VALUES ('instance_id', 'canary-id'), ('version', '1.2'), ('smtp_password', 'canary-secret');
CREATE TABLE access_tokens (id INTEGER PRIMARY KEY, token TEXT);
CREATE TABLE product_fts_docsize (id INTEGER PRIMARY KEY, sz TEXT);
